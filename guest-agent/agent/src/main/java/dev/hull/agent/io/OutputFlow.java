package dev.hull.agent.io;

import java.util.function.Consumer;

/** What one caller of the host gets of a process's output, from an offset on. */
public final class OutputFlow {
  private final ProcessOutput output;
  private final long line;
  private final int number;
  private final long from;
  private final Listener listener;
  private boolean over;

  /**
   * The caller. One of these is called, once, on the loop's thread; none, if the caller or its
   * connection has gone.
   */
  public interface Listener {
    /** Everything has been sent, and the process says no more. */
    void ended(long end);

    /** Another caller gets the output from now on. */
    void replaced();

    /** There is no such offset. */
    void refused(String why);

    /** Nobody may read it any more. */
    void forgotten();

    /** Nothing goes over the line any more. */
    void broken(String why);
  }

  /**
   * Creates it; {@link OutputLine#begin} begins it.
   *
   * @param line the number of the connection that it goes over
   * @param number its own in that connection
   * @param from the first byte wanted; all below has been kept safe
   */
  public OutputFlow(ProcessOutput output, long line, int number, long from, Listener listener) {
    this.output = output;
    this.line = line;
    this.number = number;
    this.from = from;
    this.listener = listener;
  }

  ProcessOutput output() {
    return output;
  }

  long line() {
    return line;
  }

  int number() {
    return number;
  }

  long from() {
    return from;
  }

  void end(long end) {
    tell(caller -> caller.ended(end));
  }

  void replaced() {
    tell(Listener::replaced);
  }

  void refuse(String why) {
    tell(caller -> caller.refused(why));
  }

  void forget() {
    tell(Listener::forgotten);
  }

  void fail(String why) {
    tell(caller -> caller.broken(why));
  }

  private void tell(Consumer<Listener> what) {
    if (!over) {
      over = true;
      what.accept(listener);
    }
  }
}
