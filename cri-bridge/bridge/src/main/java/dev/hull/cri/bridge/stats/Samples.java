package dev.hull.cri.bridge.stats;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.vm.MachineException;
import dev.hull.vm.MachineUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks machines what they use: all at once, and none for longer than a deadline, so that one that
 * hangs is left out and keeps nobody from being listed.
 */
public final class Samples {
  private static final Logger LOG = LoggerFactory.getLogger(Samples.class);

  /** Of one machine and of all together. */
  public static final Duration DEADLINE = Duration.ofSeconds(5);

  private final Duration deadline;

  public Samples(Duration deadline) {
    this.deadline = deadline;
  }

  /** One sandbox's. FAILED_PRECONDITION unless it runs. */
  public MachineUsage of(Sandbox sandbox) {
    sandbox.demandRunning("count what is used in");
    return sandbox.machine().usage(deadline);
  }

  /** Those that run and answer, in the order given. */
  public Map<Sandbox, MachineUsage> of(Collection<Sandbox> sandboxes) {
    List<Sandbox> running = sandboxes.stream().filter(Sandbox::runs).toList();
    List<Callable<MachineUsage>> questions = new ArrayList<>();
    running.forEach(sandbox -> questions.add(() -> sandbox.machine().usage(deadline)));
    Map<Sandbox, MachineUsage> answers = new LinkedHashMap<>();
    List<Future<MachineUsage>> asked = ask(questions);
    for (int i = 0; i < asked.size(); i++) {
      Sandbox sandbox = running.get(i);
      answer(sandbox, asked.get(i)).ifPresent(usage -> answers.put(sandbox, usage));
    }
    return answers;
  }

  private List<Future<MachineUsage>> ask(List<Callable<MachineUsage>> questions) {
    // Not closed: that would wait for those who hang.
    ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      return threads.invokeAll(questions, deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refusal.unavailable("the daemon is stopping");
    } finally {
      threads.shutdownNow();
    }
  }

  private Optional<MachineUsage> answer(Sandbox sandbox, Future<MachineUsage> asked) {
    try {
      return Optional.of(asked.get());
    } catch (CancellationException e) {
      leftOut(sandbox, "it has not answered in " + deadline.toMillis() + " ms");
    } catch (ExecutionException e) {
      // One that has stopped since is no news.
      if (sandbox.runs()) {
        leftOut(sandbox, String.valueOf(e.getCause() == null ? e : e.getCause().getMessage()));
      }
      if (!(e.getCause() instanceof MachineException)) {
        LOG.error("a machine's use cannot be read", e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  private static void leftOut(Sandbox sandbox, String why) {
    LOG.atWarn()
        .addKeyValue("pod_sandbox_id", sandbox.id())
        .log("left out of a list of what is used: {}", why);
  }
}
