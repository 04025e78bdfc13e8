package dev.hull.vm.libvirt;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import dev.hull.vm.hypervisor.DomainName;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The state of a domain's devices into a file and out of one: QEMU's migration with shared memory
 * left out, over a Unix socket, for QEMU's sandbox allows it no program and its user no file.
 */
final class StateTransfer {
  /** Half a megabyte is usual. A broken guest must not fill the disk. */
  private static final long MAX_BYTES = 64L << 20;

  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final String SOCKET = "sock";
  private static final Set<String> ENDED = Set.of("completed", "failed", "cancelled");

  private final Monitor monitor;
  private final DomainName name;
  private final String user;
  private final Path place;

  /**
   * @param user whom QEMU runs as
   * @param place where a folder is made for a socket, for as long as a transfer takes
   */
  StateTransfer(Monitor monitor, DomainName name, String user, Path place) {
    this.monitor = monitor;
    this.name = name;
    this.user = user;
    this.place = place;
  }

  /** The guest stands still; its memory is a file. */
  void save(Path file) {
    // QEMU connects, and may not change what is in the folder.
    try (Place place = new Place("rwx--x--x")) {
      leaveMemoryOut();
      try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        listener.bind(UnixDomainSocketAddress.of(place.socket()));
        Files.setPosixFilePermissions(place.socket(), PosixFilePermissions.fromString("rwxrwxrwx"));
        CompletableFuture<Void> received = receive(listener, file);
        monitor.run("migrate", "uri", "unix:" + place.socket());
        awaitEnd();
        received.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(
          Kind.UNAVAILABLE, "interrupted while saving the state of " + name, e);
    } catch (IOException | ExecutionException | TimeoutException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot save the state of %s to %s: %s".formatted(name, file, e), e);
    }
  }

  private static CompletableFuture<Void> receive(ServerSocketChannel listener, Path file) {
    CompletableFuture<Void> received = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try (SocketChannel from = listener.accept();
                  FileChannel to =
                      FileChannel.open(
                          file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                long position = 0;
                long count;
                while ((count = to.transferFrom(from, position, MAX_BYTES + 1 - position)) > 0) {
                  position += count;
                }
                if (position > MAX_BYTES) {
                  throw new IOException("it is larger than " + MAX_BYTES + " bytes");
                }
                to.force(true);
                received.complete(null);
              } catch (IOException | RuntimeException e) {
                received.completeExceptionally(e);
              }
            });
    return received;
  }

  /** The domain waits for a state to come in. */
  void restore(Path file) {
    try (Place place = new Place("rwx------")) {
      // QEMU makes the socket in it.
      place.giveTo(user);
      leaveMemoryOut();
      monitor.run("migrate-incoming", "uri", "unix:" + place.socket());
      send(file, place.socket());
      awaitEnd();
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot restore %s from %s: %s".formatted(name, file, e), e);
    }
  }

  /** A QEMU that takes no more loses the connection in the end. */
  private static void send(Path file, Path socket) throws IOException {
    try (SocketChannel to = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        FileChannel from = FileChannel.open(file)) {
      Thread watchdog = Thread.ofVirtual().start(() -> closeAfterDeadline(to));
      long position = 0;
      while (position < from.size()) {
        position += from.transferTo(position, from.size() - position, to);
      }
      watchdog.interrupt();
    }
  }

  private static void closeAfterDeadline(SocketChannel channel) {
    try {
      Thread.sleep(DEADLINE);
      channel.close();
    } catch (InterruptedException | IOException e) {
      // All was sent in time, or the channel is of no use any more.
    }
  }

  private void leaveMemoryOut() {
    JsonObject capability = new JsonObject();
    capability.addProperty("capability", "x-ignore-shared");
    capability.addProperty("state", true);
    JsonArray capabilities = new JsonArray();
    capabilities.add(capability);
    JsonObject arguments = new JsonObject();
    arguments.add("capabilities", capabilities);
    monitor.run("migrate-set-capabilities", arguments);
  }

  private void awaitEnd() {
    String[] last = {"unknown"};
    boolean ended =
        monitor.await(
            "query-migrate",
            said -> {
              last[0] = said.has("status") ? said.get("status").getAsString() : "none";
              return ENDED.contains(last[0]);
            },
            DEADLINE);
    if (!ended || !last[0].equals("completed")) {
      throw new MachineException(
          ended ? Kind.INTERNAL : Kind.DEADLINE,
          "the transfer of the state of %s is %s after at most %d s"
              .formatted(name, last[0], DEADLINE.toSeconds()));
    }
  }

  /** A folder for one socket, for as long as the transfer takes. */
  private final class Place implements AutoCloseable {

    Place(String permissions) throws IOException {
      remove();
      Files.createDirectory(place);
      Files.setPosixFilePermissions(place, PosixFilePermissions.fromString(permissions));
    }

    void giveTo(String owner) throws IOException {
      Files.setOwner(
          place,
          place.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(owner));
    }

    Path socket() {
      return place.resolve(SOCKET);
    }

    private void remove() throws IOException {
      Files.deleteIfExists(socket());
      Files.deleteIfExists(place);
    }

    @Override
    public void close() throws IOException {
      remove();
    }
  }
}
