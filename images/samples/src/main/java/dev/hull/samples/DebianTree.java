package dev.hull.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A Debian root file system in a folder, made and changed by the machine's own tools. */
final class DebianTree {
  private static final Duration LIMIT = Duration.ofMinutes(15);

  /** Which files of packages are never unpacked; licences are. */
  private static final List<String> DPKG_OPTIONS =
      List.of(
          "path-exclude=/usr/share/doc/*",
          "path-include=/usr/share/doc/*/copyright",
          "path-exclude=/usr/share/man/*",
          "path-exclude=/usr/share/info/*",
          "path-exclude=/usr/share/locale/*",
          "path-exclude=/usr/share/lintian/*");

  /** What a tree has that no image should; a name that ends in a star stands for all below. */
  private static final List<String> NOT_IN_IMAGES =
      List.of(
          "dev/*",
          "proc/*",
          "sys/*",
          "run/*",
          "tmp/*",
          "var/tmp/*",
          "var/cache/*",
          "var/lib/apt/lists/*",
          "var/log/*",
          "var/lib/dpkg/status-old",
          "var/lib/dpkg/diversions-old",
          "var/lib/dpkg/statoverride-old",
          "etc/hostname",
          "etc/resolv.conf",
          "etc/machine-id",
          "etc/passwd-",
          "etc/group-",
          "etc/shadow-",
          "etc/gshadow-");

  private final Path root;
  private final Commands commands;

  private DebianTree(Path root, Commands commands) {
    this.root = root;
    this.commands = commands;
  }

  /**
   * Bootstraps the smallest Debian that has apt. The lists of packages stay, for {@link #install}.
   */
  static DebianTree bootstrap(
      Path root, String codename, List<Path> sources, long epoch, Commands commands) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("mmdebstrap", "--variant=minbase", "--mode=root", "--format=directory"));
    command.addAll(List.of("--skip=cleanup/apt/lists", "--aptopt=Acquire::Languages \"none\""));
    DPKG_OPTIONS.forEach(option -> command.add("--dpkgopt=" + option));
    command.add(codename);
    command.add(root.toString());
    sources.forEach(source -> command.add(source.toString()));
    commands.run(LIMIT, environment(epoch), command);
    return new DebianTree(root, commands);
  }

  /** An empty tree, made by the same tools. */
  DebianTree alone(Path to) throws IOException {
    return new DebianTree(Files.createDirectories(to), commands);
  }

  /** Fetches packages by this tree's lists, and unpacks their files into a folder. */
  void unpack(List<String> packages, Path configFile, Path into) throws IOException {
    configure(configFile);
    Path fetched = Files.createDirectories(into.resolveSibling(into.getFileName() + "-packages"));
    List<String> command =
        new ArrayList<>(List.of("env", "-C", fetched.toString(), "apt-get", "download", "-q"));
    command.addAll(packages);
    Map<String, String> environment = new HashMap<>(environment(0));
    environment.put("APT_CONFIG", configFile.toString());
    commands.run(LIMIT, environment, command);
    try (Stream<Path> files = Files.list(fetched)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".deb")).sorted().toList()) {
        commands.run(
            LIMIT, environment(0), List.of("dpkg-deb", "-x", file.toString(), into.toString()));
      }
    }
  }

  Path root() {
    return root;
  }

  DebianTree copy(Path to) {
    commands.run(
        LIMIT, Map.of(), List.of("cp", "-a", "--reflink=auto", root.toString(), to.toString()));
    return new DebianTree(to, commands);
  }

  /** Installs packages: the machine's apt fetches, the tree's dpkg unpacks. */
  void install(List<String> packages, Path configFile, long epoch) throws IOException {
    configure(configFile);
    // Manuals are left out, but some packages (a JRE) make links beside them, and fail without.
    Files.createDirectories(root.resolve("usr/share/man/man1"));
    Path policy = root.resolve("usr/sbin/policy-rc.d");
    Files.writeString(policy, "#!/bin/sh\nexit 101\n"); // nothing is started in the tree
    Files.setPosixFilePermissions(policy, PosixFilePermissions.fromString("rwxr-xr-x"));
    try {
      // Some packages (a JRE) will not be installed where there is no /proc; it goes with the
      // shell.
      List<String> command =
          new ArrayList<>(
              List.of(
                  "unshare",
                  "--mount",
                  "--propagation",
                  "private",
                  "sh",
                  "-c",
                  "mount --bind /proc \"$0/proc\" && exec \"$@\"",
                  root.toString()));
      command.addAll(List.of("apt-get", "install", "-q", "-y"));
      command.addAll(packages);
      Map<String, String> environment = new HashMap<>(environment(epoch));
      environment.put("APT_CONFIG", configFile.toString());
      commands.run(LIMIT, environment, command);
    } finally {
      Files.delete(policy);
    }
  }

  private void configure(Path configFile) throws IOException {
    Files.writeString(
        configFile,
        """
        Dir "%s";
        DPkg::Chroot-Directory "%s";
        DPkg::Options:: "--force-unsafe-io";
        APT::Sandbox::User "root";
        APT::Install-Recommends "false";
        Acquire::Languages "none";
        """
            .formatted(root, root));
  }

  /** Removes what is of this machine, of this day, or of no use in an image. */
  void clean() throws IOException {
    for (String path : NOT_IN_IMAGES) {
      if (path.endsWith("/*")) {
        Folders.deleteFilesBelow(root.resolve(path.substring(0, path.length() - 2)));
      } else {
        Files.deleteIfExists(root.resolve(path));
      }
    }
  }

  /**
   * The same day wherever passwords and caches want one, so that the same packages make the same.
   */
  private static Map<String, String> environment(long epoch) {
    return Map.of(
        "DEBIAN_FRONTEND",
        "noninteractive",
        "SOURCE_DATE_EPOCH",
        Long.toString(epoch),
        "PATH",
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  }
}
