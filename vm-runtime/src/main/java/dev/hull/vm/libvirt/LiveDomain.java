package dev.hull.vm.libvirt;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What this process holds of a domain that runs: its console, and why it is about to end. */
final class LiveDomain implements AutoCloseable {
  private static final Duration DRAIN = Duration.ofMillis(500);
  private static final Duration REAPED_WITHIN = Duration.ofMillis(500);

  private Optional<ConsoleReader> console = Optional.empty();
  private Optional<String> failure = Optional.empty();
  private long qemu;
  private OptionalInt signal = OptionalInt.empty();
  private final CountDownLatch qemuEnded = new CountDownLatch(1);

  synchronized void console(ConsoleReader reader) {
    console = Optional.of(reader);
  }

  synchronized void qemu(long pid) {
    qemu = pid;
  }

  synchronized long qemu() {
    return qemu;
  }

  /** QEMU has ended; {@code by} which signal, if one killed it and that can be told. */
  synchronized void qemuEnded(OptionalInt by) {
    signal = by;
    qemuEnded.countDown();
  }

  /** The signal that killed QEMU, whose end is waited for a moment. */
  OptionalInt signal() {
    try {
      if (!qemuEnded.await(REAPED_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        return OptionalInt.empty();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      return signal;
    }
  }

  /** The first reason stays. */
  synchronized void failure(String reason) {
    failure = failure.or(() -> Optional.of(reason));
  }

  synchronized Optional<String> failure() {
    return failure;
  }

  private synchronized Optional<ConsoleReader> console() {
    return console;
  }

  /** Returns when the last of the console is in its log. */
  void drain() {
    Optional<ConsoleReader> reader = console();
    try {
      if (reader.isPresent()) {
        reader.get().drain(DRAIN);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    console().ifPresent(ConsoleReader::close);
  }
}
