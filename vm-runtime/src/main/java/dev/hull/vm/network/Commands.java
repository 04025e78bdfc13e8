package dev.hull.vm.network;

import dev.hull.vm.MachineException;
import dev.hull.vm.MachineException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Runs programs of the host: each with a deadline, its output bounded, its end waited for. */
final class Commands {
  private static final int MAX_OUTPUT_BYTES = 1 << 20;
  private static final Duration REAP = Duration.ofSeconds(5);

  private final Duration deadline;

  Commands(Duration deadline) {
    this.deadline = deadline;
  }

  /** What a program that ended by itself left. */
  record Ended(int code, String out, String err) {}

  /** Runs it and throws INTERNAL with its last words unless it succeeds. */
  String demand(List<String> argv, String input) {
    Ended ended = run(argv, input, Map.of());
    if (ended.code() != 0) {
      throw new MachineException(
          Kind.INTERNAL,
          "`%s` ended with %d: %s"
              .formatted(String.join(" ", argv), ended.code(), ended.err().strip()));
    }
    return ended.out();
  }

  /**
   * Runs it and waits for its end; after the deadline it is killed, and DEADLINE thrown. {@code
   * environment} is added to this process's.
   */
  Ended run(List<String> argv, String input, Map<String, String> environment) {
    ProcessBuilder builder = new ProcessBuilder(argv);
    builder.environment().putAll(environment);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot run " + argv.getFirst() + ": " + e.getMessage(), e);
    }
    CompletableFuture<String> out = collect(process.getInputStream(), argv.getFirst() + "-out");
    CompletableFuture<String> err = collect(process.getErrorStream(), argv.getFirst() + "-err");
    try {
      feed(process, input);
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new MachineException(
            Kind.DEADLINE,
            "`%s` had not ended after %d s and was killed"
                .formatted(String.join(" ", argv), deadline.toSeconds()));
      }
      return new Ended(
          process.exitValue(),
          out.orTimeout(REAP.toMillis(), TimeUnit.MILLISECONDS).join(),
          err.orTimeout(REAP.toMillis(), TimeUnit.MILLISECONDS).join());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException(
          Kind.UNAVAILABLE, "interrupted while waiting for " + argv.getFirst(), e);
    } catch (CompletionException e) {
      throw new MachineException(
          Kind.INTERNAL, "cannot read what " + argv.getFirst() + " printed", e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static void feed(Process process, String input) {
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException ended) {
      // It ended without reading: its exit code says more than the broken pipe.
    }
  }

  private static CompletableFuture<String> collect(InputStream stream, String name) {
    CompletableFuture<String> text = new CompletableFuture<>();
    Thread.ofVirtual()
        .name(name)
        .start(
            () -> {
              try (stream) {
                byte[] kept = stream.readNBytes(MAX_OUTPUT_BYTES);
                // The rest is read and dropped, so that the program can end.
                stream.transferTo(OutputStream.nullOutputStream());
                text.complete(new String(kept, StandardCharsets.UTF_8));
              } catch (IOException e) {
                text.completeExceptionally(e);
              }
            });
    return text;
  }
}
