package dev.hull.agent.process;

import dev.hull.agent.io.IoLoop;
import dev.hull.agent.io.OutputLine;
import dev.hull.agent.io.ProcessOutput;
import dev.hull.agent.linux.Descriptors;
import dev.hull.agent.linux.LinuxException;
import dev.hull.agent.process.LaunchException.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Starts processes through the native launcher ({@code guest-agent/launcher}). Safe for use by
 * several threads.
 */
public final class Launcher {
  /** Mounts wait for the host's share, which may be slow; nothing else takes long. */
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private static final int SIGKILL = 9;
  private static final int NONE = -1;

  private final Path program;
  private final ProcessCalls calls;
  private final Descriptors descriptors;
  private final Reaper reaper;
  private final IoLoop loop;
  private final InstantSource clock;
  private final OutputLine line;

  /**
   * Creates it.
   *
   * @param program the native launcher
   * @param line what the processes say goes over it
   */
  public Launcher(
      Path program,
      ProcessCalls calls,
      Descriptors descriptors,
      Reaper reaper,
      IoLoop loop,
      InstantSource clock,
      OutputLine line) {
    this.program = program;
    this.calls = calls;
    this.descriptors = descriptors;
    this.reaper = reaper;
    this.loop = loop;
    this.clock = clock;
    this.line = line;
  }

  /**
   * Starts a process and returns when its program has been exec'ed.
   *
   * @param stdin whether standard input stays open for {@link RunningProcess#write}
   * @param relative a process whose namespaces are joined, as {@link LaunchSpec.Mode} says
   * @throws LaunchException if it could not be started; nothing of it is left then
   */
  public RunningProcess launch(LaunchSpec spec, boolean stdin, OptionalInt relative)
      throws LaunchException {
    byte[] encoded = encode(spec);
    try {
      return reaper.whileStarting(() -> start(encoded, spec.terminal(), stdin, relative));
    } catch (LaunchException | RuntimeException e) {
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LaunchException(Kind.INTERNAL, "interrupted while starting a process");
    } catch (Exception e) {
      throw new IllegalStateException("starting a process failed", e);
    }
  }

  private static byte[] encode(LaunchSpec spec) throws LaunchException {
    try {
      return spec.encode();
    } catch (IllegalArgumentException e) {
      throw new LaunchException(Kind.INVALID, String.valueOf(e.getMessage()));
    }
  }

  private RunningProcess start(byte[] spec, boolean terminal, boolean stdin, OptionalInt relative)
      throws LaunchException, InterruptedException {
    Attempt attempt = new Attempt(terminal, stdin);
    try {
      attempt.spawn(relative);
      attempt.send(spec);
      return attempt.await();
    } catch (LinuxException e) {
      attempt.abandon();
      throw new LaunchException(Kind.INTERNAL, String.valueOf(e.getMessage()));
    } catch (LaunchException | InterruptedException e) {
      attempt.abandon();
      throw e;
    }
  }

  /** One start: its pipes, until they belong to the process. */
  private final class Attempt implements LaunchReport.Answers {
    private final boolean terminal;
    private final int[] childEnds;
    private final int specEnd;
    private final LaunchReport report;
    private final ProcessOutput output;
    private int in;
    private int out;
    private int err;
    private @Nullable Child launcher;
    private volatile @Nullable Child child;
    private boolean specOpen = true;

    Attempt(boolean terminal, boolean stdin) {
      this.terminal = terminal;
      ProcessCalls.Pipe spec = calls.pipe();
      ProcessCalls.Pipe status = calls.pipe();
      ProcessCalls.Pipe input =
          stdin && !terminal ? calls.pipe() : new ProcessCalls.Pipe(NONE, NONE);
      ProcessCalls.Pipe stdout = outputPipe();
      ProcessCalls.Pipe stderr = outputPipe();
      this.childEnds =
          new int[] {
            spec.readEnd(), status.writeEnd(), input.readEnd(), stdout.writeEnd(), stderr.writeEnd()
          };
      this.specEnd = spec.writeEnd();
      this.in = input.writeEnd();
      this.out = stdout.readEnd();
      this.err = stderr.readEnd();
      this.report = new LaunchReport(descriptors, status.readEnd(), this);
      this.output = new ProcessOutput(line, clock, terminal ? 1 : 2);
    }

    private ProcessCalls.Pipe outputPipe() {
      if (terminal) {
        return new ProcessCalls.Pipe(NONE, NONE);
      }
      ProcessCalls.Pipe pipe = calls.pipe();
      calls.widen(pipe);
      return pipe;
    }

    void spawn(OptionalInt relative) {
      try {
        IntStream.concat(IntStream.of(childEnds), relative.stream())
            .filter(fd -> fd != NONE)
            .forEach(calls::inherit);
        List<String> args =
            Stream.of(
                    Stream.of("launch"),
                    IntStream.of(childEnds).mapToObj(Integer::toString),
                    Stream.of(Integer.toString(relative.orElse(NONE))))
                .flatMap(part -> part)
                .toList();
        launcher = reaper.claim(calls.spawn(program.toString(), args));
        reaper.spawned();
      } finally {
        IntStream.of(childEnds).forEach(this::closeIfOpen);
        loop.execute(() -> loop.watch(report));
      }
    }

    void send(byte[] spec) {
      int sent = 0;
      while (sent < spec.length) {
        sent += descriptors.write(specEnd, spec, sent, spec.length - sent);
      }
    }

    RunningProcess await() throws LaunchException, InterruptedException {
      try {
        report.running().get(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        throw new LaunchException(
            Kind.DEADLINE, "the process was not started within " + DEADLINE.toSeconds() + " s");
      } catch (ExecutionException e) {
        if (e.getCause() instanceof LaunchException reported) {
          throw reported;
        }
        throw new IllegalStateException("the launcher's report could not be read", e.getCause());
      }
      Child started = child;
      if (started == null) {
        throw new LaunchException(Kind.INTERNAL, "the launcher named no process");
      }
      return RunningProcess.begin(
          started, output, descriptors, loop, new RunningProcess.Streams(in, out, err));
    }

    /** Kills what was started, and closes everything. */
    void abandon() {
      Stream.of(launcher, child)
          .filter(process -> process != null)
          .forEach(process -> process.signal(SIGKILL));
      loop.execute(
          () -> {
            // Once more: the report may have named it since.
            Child late = child;
            if (late != null) {
              late.signal(SIGKILL);
            }
            report.end();
            closeSpec();
            closeIfOpen(in);
            closeIfOpen(out);
            closeIfOpen(err);
          });
    }

    @Override
    public void pid(int pid) {
      child = reaper.claim(pid);
      reaper.spawned();
    }

    @Override
    public void ready(int master) {
      Child started = child;
      if (terminal && started != null) {
        int process = calls.openProcess(started.pid());
        try {
          // Twice, because reading and writing end independently.
          out = calls.takeDescriptor(process, master);
          in = calls.takeDescriptor(process, master);
        } finally {
          descriptors.close(process);
        }
      }
      closeSpec();
    }

    private void closeSpec() {
      if (specOpen) {
        specOpen = false;
        descriptors.close(specEnd);
      }
    }

    private void closeIfOpen(int fd) {
      if (fd != NONE) {
        descriptors.close(fd);
      }
    }
  }
}
