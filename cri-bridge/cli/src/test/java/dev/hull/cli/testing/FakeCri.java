package dev.hull.cli.testing;

import dev.hull.cli.cri.Cri;
import dev.hull.cri.v1.ContainerConfig;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/**
 * A daemon in memory. Strict: a call in the wrong order or for something unknown fails as the CRI
 * demands, and {@link #checkNothingLeaked} complains about pods that nobody removed.
 */
public final class FakeCri implements AutoCloseable {
  private final String name = UUID.randomUUID().toString();
  private final Calls calls = new Calls();
  private final FakeImages images = new FakeImages(calls);
  private final FakeRuntime runtime = new FakeRuntime(calls, images);
  private final Server server;

  public FakeCri() throws IOException {
    server =
        InProcessServerBuilder.forName(name).addService(runtime).addService(images).build().start();
  }

  /**
   * What a container does.
   *
   * @param looksUntilExit how often its status is asked before it has ended; 0 ends it at once, -1
   *     never
   * @param output a line that it writes when it is started; empty for none
   * @param lastWords a line that it writes when it is stopped; empty for none
   */
  public record Script(int exitCode, int looksUntilExit, String output, String lastWords) {
    public static Script exits(int code) {
      return new Script(code, 0, "", "");
    }

    public static Script runsForever() {
      return new Script(0, -1, "", "");
    }

    public Script printing(String line) {
      return new Script(exitCode, looksUntilExit, line, lastWords);
    }

    public Script withLastWords(String line) {
      return new Script(exitCode, looksUntilExit, output, line);
    }
  }

  public Cri connect() {
    return new Cri(InProcessChannelBuilder.forName(name).build(), "the fake", () -> {});
  }

  /** What a container does at its first start, its second, …; the last one again and again. */
  public void script(String container, Script... starts) {
    runtime.scripts.put(container, List.of(starts));
  }

  /** How a command ends that is run in a container. */
  public void exec(String command, int exitCode) {
    runtime.execs.put(command, exitCode);
  }

  /** Ends the running start of a container. */
  public void exit(String container, int code) {
    runtime.exit(container, code);
  }

  public void imagePresent(String image) {
    images.add(image);
  }

  public void imageInRegistry(String image) {
    images.inRegistry.add(image);
  }

  /** Makes every such call fail; OK heals it. */
  public void fail(String call, Status status) {
    if (status.isOk()) {
      calls.failures.remove(call);
    } else {
      calls.failures.put(call, status);
    }
  }

  public void killMachines() {
    runtime.killMachines();
  }

  public List<String> calls() {
    return List.copyOf(calls.made);
  }

  public ContainerConfig config(String container) {
    return runtime.config(container);
  }

  public void checkNothingLeaked() {
    if (!runtime.isEmpty()) {
      throw new AssertionError("pods were left behind; calls: " + calls.made);
    }
  }

  @Override
  public void close() {
    server.shutdownNow();
  }
}
