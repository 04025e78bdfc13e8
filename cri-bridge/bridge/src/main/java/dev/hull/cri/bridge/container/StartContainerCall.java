package dev.hull.cri.bridge.container;

import dev.hull.cri.bridge.call.Call;
import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.store.Container;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.v1.StartContainerRequest;
import dev.hull.cri.v1.StartContainerResponse;
import dev.hull.vm.GuestContainer.State;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Launches a container's program and begins to keep its output. Only once for each container. */
public final class StartContainerCall
    implements Call<StartContainerRequest, StartContainerResponse> {
  private final Pods pods;
  private final Clock clock;

  public StartContainerCall(Pods pods, Clock clock) {
    this.pods = pods;
    this.clock = clock;
  }

  @Override
  public StartContainerResponse answer(StartContainerRequest request) {
    Container container = pods.container(request.getContainerId());
    container.lifecycle().lock();
    try {
      start(container);
    } finally {
      container.lifecycle().unlock();
    }
    return StartContainerResponse.getDefaultInstance();
  }

  private void start(Container container) {
    container.sandbox().demandRunning("start the container %s of".formatted(container.id()));
    switch (container.guest().state()) {
      case State.Created _ -> {}
      case State.Running _ ->
          throw Refusal.state("the container " + container.id() + " was started already");
      case State.Exited _ ->
          throw Refusal.state(
              "the container %s has exited, and a container runs once; create another"
                  .formatted(container.id()));
    }
    Instant began = clock.instant();
    try {
      // Before the program runs: a log that cannot be written is an error now, not a loss later.
      container.openLog();
    } catch (IOException e) {
      throw Refusal.state(
          "cannot start the container %s: its log cannot be written: %s"
              .formatted(container.id(), e.getMessage()));
    }
    boolean answered = false;
    try {
      container.guest().start();
      answered = true;
    } finally {
      // The machine may have started it and the answer been lost: then its output is still wanted.
      if (answered || container.guest().state() instanceof State.Running) {
        container.follow();
        pods.started(container);
      } else {
        container.closeLog();
      }
    }
    container.timing(
        new Container.Timing(
            container.timing().create(), Optional.of(Duration.between(began, clock.instant()))));
  }
}
