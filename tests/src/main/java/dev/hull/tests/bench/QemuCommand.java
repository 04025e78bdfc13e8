package dev.hull.tests.bench;

import dev.hull.tests.harness.MachineProcesses;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * QEMU's command line, option by option. What is measured beside a machine is made from that of the
 * machine itself, so that the two cannot drift apart.
 */
record QemuCommand(String program, List<Option> options) {
  /**
   * An option.
   *
   * @param name with its dash
   * @param value empty for one that has none
   */
  record Option(String name, String value) {
    boolean is(String wanted) {
      return name.equals(wanted);
    }

    Option withValue(String other) {
      return new Option(name, other);
    }
  }

  QemuCommand {
    options = List.copyOf(options);
  }

  /** Of a process that runs. */
  static QemuCommand of(long pid) {
    return parse(MachineProcesses.commandLine(pid));
  }

  static QemuCommand parse(List<String> arguments) {
    List<Option> options = new ArrayList<>();
    for (int index = 1; index < arguments.size(); index++) {
      String name = arguments.get(index);
      if (name.isEmpty()) {
        continue;
      }
      String next = index + 1 < arguments.size() ? arguments.get(index + 1) : "";
      boolean hasValue = !next.isEmpty() && !next.startsWith("-");
      options.add(new Option(name, hasValue ? next : ""));
      if (hasValue) {
        index++;
      }
    }
    return new QemuCommand(arguments.getFirst(), options);
  }

  QemuCommand without(Predicate<Option> unwanted) {
    return new QemuCommand(program, options.stream().filter(unwanted.negate()).toList());
  }

  QemuCommand map(UnaryOperator<Option> change) {
    return new QemuCommand(program, options.stream().map(change).toList());
  }

  QemuCommand and(String name, String value) {
    return new QemuCommand(
        program, Stream.concat(options.stream(), Stream.of(new Option(name, value))).toList());
  }

  /**
   * The same machine without libvirt, daemon, network or share behind it: what leads to them, or to
   * the machine's own files, is left out or led to {@code folder}. The serial console is standard
   * output.
   */
  QemuCommand alone(Path folder) throws IOException {
    List<Option> alone = new ArrayList<>();
    for (Option option : options) {
      if (!isOfLibvirtAlone(option)) {
        alone.add(option.withValue(ledElsewhere(option, folder)));
      }
    }
    return new QemuCommand(program, alone);
  }

  private static boolean isOfLibvirtAlone(Option option) {
    String value = option.value();
    return switch (option.name()) {
      case "-S", "-mon", "-sandbox", "-msg", "-uuid", "-name" -> true;
      case "-object" -> value.contains("\"secret\"");
      case "-chardev" -> value.contains("id=charmonitor") || value.contains("id=chr-vu-");
      case "-device" -> value.contains("vhost-user-fs");
      default -> false;
    };
  }

  private static String ledElsewhere(Option option, Path folder) throws IOException {
    String value = option.value();
    if (option.is("-netdev")) {
      String id = value.replaceAll(".*\"?id\"?[=:]\"?([^,\"}]+).*", "$1");
      return "hubport,hubid=0,id=" + id;
    }
    if (option.is("-chardev")) {
      String id = value.replaceAll(".*\\bid=([^,]+).*", "$1");
      return id.contains("serial")
          ? "stdio,signal=off,id=" + id
          : "socket,server=on,wait=off,id=" + id + ",path=" + folder.resolve(id + ".sock");
    }
    if (option.is("-blockdev") && value.contains("\"filename\"") && value.contains("scratch")) {
      String file = value.replaceAll(".*\"filename\":\"([^\"]+)\".*", "$1");
      Path own = folder.resolve("scratch");
      try (RandomAccessFile sparse = new RandomAccessFile(own.toFile(), "rw")) {
        sparse.setLength(Files.size(Path.of(file)));
      }
      return value.replace(file, own.toString());
    }
    return value;
  }

  List<String> words() {
    List<String> words = new ArrayList<>();
    words.add(program);
    for (Option option : options) {
      words.add(option.name());
      if (!option.value().isEmpty()) {
        words.add(option.value());
      }
    }
    return words;
  }

  /** As a shell would take it. */
  @Override
  public String toString() {
    StringBuilder line = new StringBuilder();
    for (String word : words()) {
      line.append(line.isEmpty() ? "" : " ")
          .append(word.matches("[\\w./:=,@%+-]+") ? word : "'" + word + "'");
    }
    return line.toString();
  }
}
