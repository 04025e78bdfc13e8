package dev.hull.cli.terminal;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Mixes what several containers print: each line begins with the container's name, lines never
 * interleave. Safe for use from many threads.
 */
public final class ContainerOutput {
  private final Terminal terminal;
  private final Style style;
  private final List<String> names;
  private final int width;

  public ContainerOutput(Terminal terminal, Style style, List<String> names) {
    this.terminal = terminal;
    this.style = style;
    this.names = List.copyOf(names);
    this.width = names.stream().mapToInt(String::length).max().orElse(0);
  }

  /** Prints one line, without its line break. */
  public synchronized void line(String container, boolean stderr, byte[] line) {
    PrintStream stream = stderr ? terminal.err() : terminal.out();
    String prefix = container + " ".repeat(Math.max(0, width - container.length())) + " | ";
    byte[] head = style.tint(names.indexOf(container), prefix).getBytes(StandardCharsets.UTF_8);
    stream.write(head, 0, head.length);
    stream.write(line, 0, line.length);
    stream.write('\n');
    stream.flush();
  }
}
