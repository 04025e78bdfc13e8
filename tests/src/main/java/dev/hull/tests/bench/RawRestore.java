package dev.hull.tests.bench;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.cri.host.HostException;
import dev.hull.vm.template.MemoryFiles;
import dev.hull.vm.template.Template;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A start of what a copy of a template starts, by QEMU alone: the same memory is copied, the same
 * state goes in, the guest runs. Nothing is attached to it, and nobody talks to the guest.
 *
 * @param command waits for the state of another machine
 * @param memory the file of the guest's memory, in memory itself
 * @param folder holds the sockets and what the bare QEMU says
 */
record RawRestore(QemuCommand command, Template template, Path memory, Path folder) {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final Duration STEP = Duration.ofMillis(1);
  private static final String MONITOR = "raw-monitor.sock";
  private static final String INCOMING = "raw-incoming.sock";
  private static final String ERRORS = "raw.err";
  private static final Set<String> FAILED = Set.of("failed", "cancelled");

  /** The backend that libvirt names in {@code -machine}, of which the last one counts. */
  private static final String UNUSED_BACKEND = "pc.ram";

  /** As the machine of this command, which is a copy of the template. */
  static RawRestore like(QemuCommand machine, Template template, Path folder) throws IOException {
    Path memory = MemoryFiles.SHARED_MEMORY.resolve(folder.getFileName().toString());
    QemuCommand command =
        machine
            .alone(folder)
            .without(
                option ->
                    option.is("-object")
                        && option.value().contains("\"id\":\"" + UNUSED_BACKEND + "\""))
            .map(option -> option.is("-machine") ? withoutBackend(option) : option)
            .map(option -> option.is("-object") ? withMemory(option, memory) : option)
            .and("-qmp", "unix:" + folder.resolve(MONITOR));
    return new RawRestore(command, template, memory, folder);
  }

  private static QemuCommand.Option withoutBackend(QemuCommand.Option machine) {
    return machine.withValue(machine.value().replace(",memory-backend=" + UNUSED_BACKEND, ""));
  }

  private static QemuCommand.Option withMemory(QemuCommand.Option object, Path memory) {
    return object.withValue(object.value().replaceAll("mem-path=[^,]+", "mem-path=" + memory));
  }

  /**
   * Starts it once and says how long it took, from the beginning of the copy of the memory until
   * the guest runs.
   */
  Duration run() throws HostException {
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(folder.resolve(MONITOR)));
      Files.createFile(memory);
      Stopwatch watch = new Stopwatch();
      template.pourInto(memory);
      Process qemu =
          new ProcessBuilder(command.words())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(folder.resolve(ERRORS).toFile())
              .start();
      Thread watchdog = Thread.ofVirtual().start(() -> endWith(qemu, listener));
      try (Qmp monitor = Qmp.accept(listener)) {
        restore(monitor);
        Duration took = watch.elapsed();
        requireRunning(monitor);
        return took;
      } finally {
        qemu.destroyForcibly();
        qemu.onExit().join();
        watchdog.join();
      }
    } catch (IOException e) {
      throw new HostException(
          "a bare QEMU cannot be started from the template: %s; it said: %s"
              .formatted(e.getMessage(), errors()),
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HostException("interrupted while starting a bare QEMU", e);
    } finally {
      delete(memory, folder.resolve(MONITOR), folder.resolve(INCOMING));
    }
  }

  private void restore(Qmp monitor) throws IOException, InterruptedException {
    JsonObject capability = new JsonObject();
    capability.addProperty("capability", "x-ignore-shared");
    capability.addProperty("state", true);
    JsonArray capabilities = new JsonArray();
    capabilities.add(capability);
    JsonObject arguments = new JsonObject();
    arguments.add("capabilities", capabilities);
    var _ = monitor.run("migrate-set-capabilities", arguments);
    Path socket = folder.resolve(INCOMING);
    JsonObject where = new JsonObject();
    where.addProperty("uri", "unix:" + socket);
    var _ = monitor.run("migrate-incoming", where);
    try (SocketChannel to = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        FileChannel from = FileChannel.open(template.state())) {
      long position = 0;
      while (position < from.size()) {
        position += from.transferTo(position, from.size() - position, to);
      }
    }
    awaitCompletion(monitor);
    var _ = monitor.run("cont", new JsonObject());
  }

  /** The watchdog ends a wait without an end. */
  private static void awaitCompletion(Qmp monitor) throws IOException, InterruptedException {
    while (true) {
      JsonObject said = monitor.run("query-migrate", new JsonObject()).getAsJsonObject();
      String status = said.has("status") ? said.get("status").getAsString() : "none";
      if (status.equals("completed")) {
        return;
      }
      if (FAILED.contains(status)) {
        throw new IOException("it did not take the state: " + status);
      }
      Thread.sleep(STEP);
    }
  }

  private static void requireRunning(Qmp monitor) throws IOException {
    JsonObject said = monitor.run("query-status", new JsonObject()).getAsJsonObject();
    if (!said.get("running").getAsBoolean()) {
      throw new IOException("its guest does not run: " + said);
    }
  }

  /** A QEMU that ends before it connects, or takes too long, is waited for no longer. */
  private static void endWith(Process qemu, ServerSocketChannel listener) {
    try {
      if (!qemu.waitFor(DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
        qemu.destroyForcibly();
      }
      listener.close();
    } catch (IOException | InterruptedException e) {
      qemu.destroyForcibly();
    }
  }

  private String errors() {
    try {
      return Files.readString(folder.resolve(ERRORS));
    } catch (IOException e) {
      return "(nothing)";
    }
  }

  private static void delete(Path... files) throws HostException {
    for (Path file : files) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new HostException("cannot delete " + file, e);
      }
    }
  }
}
