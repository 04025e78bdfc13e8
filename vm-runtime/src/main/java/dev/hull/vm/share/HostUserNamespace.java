package dev.hull.vm.share;

import dev.hull.vm.UserNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A user namespace of the host, which lasts until it is closed: what a mount is to map its owners
 * by has to be one. The process in it only waits, for a JVM cannot enter one itself.
 */
final class HostUserNamespace implements AutoCloseable {
  // Says that it is there; ends with its standard input, so with this process too.
  private static final List<String> WAITING =
      List.of("unshare", "--user", "sh", "-c", "echo; read line");

  private final Process process;

  private HostUserNamespace(Process process) {
    this.process = process;
  }

  static HostUserNamespace of(UserNamespace users) throws IOException {
    HostUserNamespace made =
        new HostUserNamespace(
            new ProcessBuilder(WAITING).redirectError(ProcessBuilder.Redirect.DISCARD).start());
    try {
      if (made.process.getInputStream().read() < 0) {
        throw new IOException(
            "this host lets nobody make user namespaces; see user.max_user_namespaces");
      }
      made.map("uid_map", users.uids());
      made.map("gid_map", users.gids());
      return made;
    } catch (IOException e) {
      made.close();
      throw e;
    }
  }

  private void map(String file, UserNamespace.Range ids) throws IOException {
    Files.writeString(proc().resolve(file), "0 %d %d\n".formatted(ids.first(), ids.length()));
  }

  private Path proc() {
    return Path.of("/proc", Long.toString(process.pid()));
  }

  /** To be opened while this is. */
  Path file() {
    return proc().resolve("ns/user");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
