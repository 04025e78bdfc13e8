package dev.hull.vm.libvirt;

import com.google.common.io.MoreFiles;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.ConsoleLog;
import dev.hull.vm.hypervisor.DomainName;
import dev.hull.vm.hypervisor.DomainProcess;
import dev.hull.vm.hypervisor.DomainProcess.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The driver's files: what we tell ours, and what any leaves for us to read. */
final class DriverFolder {
  /** A hostile guest can make virtiofsd complain without end. */
  static final long MAX_LOG_BYTES = 1024 * 1024;

  private final LibvirtConfig config;

  DriverFolder(LibvirtConfig config) {
    this.config = config;
  }

  /** Makes the folder, and the configuration of a driver that is ours. */
  void prepare() {
    try {
      Files.createDirectories(config.root().resolve("log"));
      Files.setPosixFilePermissions(config.root(), PosixFilePermissions.fromString("rwx--x--x"));
      Files.deleteIfExists(libvirtLog());
      claim();
      if (config.libvirtd().isEmpty()) {
        configure();
      }
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL,
          "cannot prepare "
              + config.root()
              + " for libvirt: "
              + e
              + "; root must be able to write there",
          e);
    }
  }

  /** The machines of a root are all of one driver: those of another would be taken for dead. */
  private void claim() throws IOException {
    Path file = config.root().resolve("driver");
    String before = Files.exists(file) ? Files.readString(file).strip() : LibvirtUri.EMBEDDED;
    String now = config.libvirtd().map(LibvirtUri::toString).orElse(LibvirtUri.EMBEDDED);
    if (!before.equals(now)) {
      DriverFolder theirs = new DriverFolder(config.with(LibvirtUri.optional(before)));
      List<DomainName> running =
          theirs.recordedDomains().stream()
              .filter(name -> !theirs.processes(name).isEmpty())
              .toList();
      if (!running.isEmpty()) {
        throw new MachineException(
            Kind.WRONG_STATE,
            "cannot use %s in %s: %s run under %s; use that one, or remove their pods with it first"
                .formatted(now, config.root(), running, before));
      }
    }
    Files.writeString(file, now + "\n");
  }

  private void configure() throws IOException {
    Path folder = Files.createDirectories(config.root().resolve("etc"));
    Path next = folder.resolve("qemu.conf.new");
    Files.writeString(next, settings());
    Files.move(
        next,
        folder.resolve("qemu.conf"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  Path libvirtLog() {
    return config.root().resolve("log/libvirt.log");
  }

  /**
   * No confinement by SELinux or AppArmor (their policies do not know our folders), none by mount
   * namespaces (the driver cannot make them everywhere); but a user of its own, no privileges and
   * QEMU's seccomp sandbox. A cgroup counts, and lets QEMU open no devices but its disks; pods are
   * limited in the guest. There must be one, see {@link #hasCgroup}.
   *
   * <p>Without {@code devices} libvirt 9.0 filters devices all the same where cgroups are version 2
   * and no systemd makes them, but after a restart it does not know that it has to let a disk in.
   */
  private String settings() {
    return """
        user = "%s"
        group = "%s"
        security_driver = "none"
        security_default_confined = 0
        dynamic_ownership = 1
        remember_owner = 0
        namespaces = []
        cgroup_controllers = ["cpuacct", "devices"]
        seccomp_sandbox = 1
        stdio_handler = "file"
        dump_guest_core = 0
        max_core = 0
        """
        .formatted(config.user(), config.user());
  }

  /** The domains that we have made, and that the driver had when it was last used. */
  Set<DomainName> recordedDomains() {
    Set<DomainName> names = new TreeSet<>();
    for (Path file : files(config.stateFolder(), "*.xml")) {
      String name = file.getFileName().toString().replaceFirst("\\.xml$", "");
      if (DomainName.isOurs(name) && isOfThisRoot(file)) {
        names.add(new DomainName(name));
      }
    }
    return names;
  }

  private boolean isOfThisRoot(Path status) {
    try {
      return DomainDescription.owner(Files.readString(status))
          .map(config.root()::equals)
          .orElse(true);
    } catch (IOException e) {
      // It has just ended.
      return false;
    }
  }

  /** The processes of a domain that are alive. */
  List<DomainProcess> processes(DomainName name) {
    List<DomainProcess> processes = new ArrayList<>();
    addAlive(processes, Role.QEMU, config.stateFolder().resolve(name + ".pid"), config.emulator());
    for (Path file : files(config.stateFolder(), "*-" + name + "-*-fs.pid")) {
      addAlive(processes, Role.VIRTIOFSD, file, config.virtiofsd());
    }
    return processes;
  }

  private static void addAlive(
      List<DomainProcess> processes, Role role, Path pidFile, Path program) {
    try {
      long pid = Long.parseLong(Files.readString(pidFile).strip());
      // The id may be another process's by now.
      String runs = Files.readSymbolicLink(Path.of("/proc/" + pid + "/exe")).toString();
      // What has been upgraded meanwhile is another file.
      if (runs.replaceFirst(" \\(deleted\\)$", "").equals(program.toRealPath().toString())) {
        processes.add(new DomainProcess(role, pid));
      }
    } catch (IOException | NumberFormatException e) {
      // No such file or process, or a file that is just being written: not alive.
    }
  }

  /**
   * Whether the driver has made a cgroup for a domain. Where it has not, plugging a share in ends
   * the process: libvirt 9.0 puts virtiofsd into the domain's cgroup without looking for one.
   */
  boolean hasCgroup(DomainName name) {
    for (DomainProcess process : processes(name)) {
      try {
        // "machine/qemu-1-NAME.libvirt-qemu", or by systemd "qemu\\x2d1\\x2dNAME.scope".
        String groups = Files.readString(Path.of("/proc/" + process.pid() + "/cgroup"));
        if (groups.contains("qemu-") || groups.contains("qemu\\x2d")) {
          return true;
        }
      } catch (IOException e) {
        // It has just ended.
      }
    }
    return false;
  }

  /**
   * Removes what the driver leaves behind of a domain that has ended: its logs, and what it was
   * about to make, or to remove, when its process was killed: folders, a status that was to replace
   * the last, and where it noted which processes there are.
   */
  void forget(DomainName name) {
    try {
      for (Path file : logs(name)) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(config.stateFolder().resolve(name + ".xml.new"));
      if (processes(name).isEmpty()) {
        for (Path noted : files(config.stateFolder(), "{%1$s.pid,*-%1$s-*-fs.*}".formatted(name))) {
          Files.deleteIfExists(noted);
        }
      }
      for (Path parent : List.of(Path.of(""), Path.of("channel/target"))) {
        for (Path left : files(config.libraryFolder().resolve(parent), "domain-*-" + name)) {
          // QEMU's user may write there: this follows no link that it makes meanwhile.
          MoreFiles.deleteRecursively(left);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove what is left of domain " + name, e);
    }
  }

  /** The last lines that a domain's processes wrote to their standard error. */
  String lastWords(DomainName name) {
    StringBuilder words = new StringBuilder();
    for (Path file : logs(name)) {
      ConsoleLog.tail(file, 3).forEach(line -> words.append("\n  ").append(line));
    }
    return words.toString();
  }

  /** Empties a log that has grown too long. */
  void boundLogs(DomainName name) throws IOException {
    for (Path file : logs(name)) {
      try {
        if (Files.size(file) > MAX_LOG_BYTES) {
          Files.write(file, new byte[0]);
        }
      } catch (NoSuchFileException e) {
        // The domain has just ended.
      }
    }
  }

  private List<Path> logs(DomainName name) {
    return files(config.logFolder(), name + "{.log,-*.log}");
  }

  private static List<Path> files(Path folder, String glob) {
    List<Path> found = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return found;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, glob)) {
      files.forEach(found::add);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
    return found;
  }
}
