package dev.hull.agent.process;

import com.google.protobuf.ByteString;
import dev.hull.agent.io.InputWriter;
import dev.hull.agent.io.IoLoop;
import dev.hull.agent.io.OutputReader;
import dev.hull.agent.io.ProcessOutput;
import dev.hull.agent.linux.Descriptors;
import dev.hull.guest.channel.OutputFrame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A process with its standard streams, from its exec on; also after it has exited. */
public final class RunningProcess {
  private static final long TIOCSWINSZ = 0x5414;
  private static final int NONE = -1;

  /** The agent's ends, -1 where there is none. With a terminal, {@code err} is. */
  record Streams(int in, int out, int err) {}

  private final Child child;
  private final ProcessOutput output;
  private final Descriptors descriptors;
  private final IoLoop loop;
  private final boolean terminal;
  private final @Nullable InputWriter input;

  private RunningProcess(
      Child child,
      ProcessOutput output,
      Descriptors descriptors,
      IoLoop loop,
      boolean terminal,
      @Nullable InputWriter input) {
    this.child = child;
    this.output = output;
    this.descriptors = descriptors;
    this.loop = loop;
    this.terminal = terminal;
    this.input = input;
  }

  static RunningProcess begin(
      Child child, ProcessOutput output, Descriptors descriptors, IoLoop loop, Streams streams) {
    InputWriter input =
        streams.in() == NONE ? null : new InputWriter(descriptors, loop, streams.in());
    OutputReader out =
        new OutputReader(descriptors, loop, streams.out(), OutputFrame.Kind.STDOUT, output);
    OutputReader err =
        streams.err() == NONE
            ? null
            : new OutputReader(descriptors, loop, streams.err(), OutputFrame.Kind.STDERR, output);
    loop.execute(
        () -> {
          loop.watch(out);
          if (err != null) {
            loop.watch(err);
          }
          if (input != null) {
            loop.watch(input);
          }
        });
    var _ =
        child
            .exitCode()
            .thenRun(
                () ->
                    loop.execute(
                        () -> {
                          out.processExited();
                          if (err != null) {
                            err.processExited();
                          }
                          if (input != null) {
                            input.end();
                          }
                        }));
    return new RunningProcess(child, output, descriptors, loop, err == null, input);
  }

  public int pid() {
    return child.pid();
  }

  /** See {@link Child#exitCode}. */
  public CompletableFuture<Integer> exitCode() {
    return child.exitCode();
  }

  /** See {@link Child#open}. */
  public OptionalInt open() {
    return child.open();
  }

  public ProcessOutput output() {
    return output;
  }

  /** Signals the process. Does nothing if it has exited. */
  public void signal(int signal) {
    child.signal(signal);
  }

  /** Signals the process and all of its process group. Does nothing if it has exited. */
  public void signalGroup(int signal) {
    child.signalGroup(signal);
  }

  public boolean terminal() {
    return terminal;
  }

  public boolean hasInput() {
    return input != null;
  }

  /**
   * Completes when the process has taken the bytes. IllegalStateException without input. A
   * terminal's input has no end of its own, so {@code close} leaves it open.
   */
  public CompletableFuture<Void> write(ByteString data, boolean close) {
    if (input == null) {
      throw new IllegalStateException("the process was started without standard input");
    }
    return input.write(data, close && !terminal);
  }

  /** Tells the terminal its size. Completes exceptionally if the terminal is gone. */
  public CompletableFuture<Void> resize(int columns, int rows) {
    byte[] size =
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) rows)
            .putShort((short) columns)
            .array();
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          if (input != null && input.open()) {
            descriptors.ioctl(input.fd(), TIOCSWINSZ, size);
          }
          done.complete(null);
        });
    return done;
  }
}
