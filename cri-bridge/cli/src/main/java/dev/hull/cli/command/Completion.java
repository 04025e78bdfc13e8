package dev.hull.cli.command;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What may stand at the end of a command line that is being typed. Of options and parameters the
 * label says what they want: a POD, a CONTAINER, a FILE.
 */
final class Completion {
  /** Instead of candidates: names of files, which every shell knows how to find. */
  static final Candidate FILES = new Candidate(":files", "");

  private final Names names;
  private CommandSpec command;
  private final Map<String, String> options = new HashMap<>();
  private final List<String> words = new ArrayList<>();
  private @Nullable OptionSpec open;
  private boolean onlyWords;

  /** One word, and what it does; empty for names. */
  record Candidate(String word, String description) {}

  /** What there is to be named, at the daemon that the line is for. Nothing if nobody answers. */
  interface Names {
    List<String> pods();

    List<String> containers(String pod);

    List<String> images();

    List<String> namespaces();

    /** Names of a kind, as people write it. */
    List<String> things(String kind, String namespace);

    /** Made from the options before the word. */
    interface Source {
      Names of(Map<String, String> options);
    }
  }

  private Completion(CommandSpec root, List<String> before, Names.Source source) {
    command = root;
    before.forEach(this::read);
    names = source.of(options);
  }

  /**
   * Completes a line.
   *
   * @param line the words behind {@code hull}; the last one, which may be empty, is to be completed
   */
  static List<Candidate> of(CommandSpec root, List<String> line, Names.Source source) {
    String last = line.isEmpty() ? "" : line.getLast();
    List<String> before = line.isEmpty() ? line : line.subList(0, line.size() - 1);
    List<Candidate> all = new Completion(root, before, source).candidates(last);
    return all.stream().filter(one -> one.equals(FILES) || one.word().startsWith(last)).toList();
  }

  private void read(String word) {
    if (open != null) {
      options.put(open.longestName(), word);
      open = null;
    } else if (word.equals("--") && !onlyWords) {
      onlyWords = true;
    } else if (word.startsWith("-") && !onlyWords) {
      int equals = word.indexOf('=');
      OptionSpec option = command.findOption(equals < 0 ? word : word.substring(0, equals));
      if (option != null && equals >= 0) {
        options.put(option.longestName(), word.substring(equals + 1));
      } else if (option != null && option.arity().max() > 0) {
        open = option;
      }
    } else if (words.isEmpty() && command.subcommands().containsKey(word)) {
      command = Objects.requireNonNull(command.subcommands().get(word)).getCommandSpec();
    } else {
      words.add(word);
    }
  }

  private List<Candidate> candidates(String last) {
    if (open != null) {
      return values(open);
    }
    if (last.startsWith("-") && !onlyWords) {
      int equals = last.indexOf('=');
      return equals < 0 ? optionNames() : valuesBehind(last.substring(0, equals));
    }
    if (words.isEmpty() && !command.subcommands().isEmpty()) {
      return command.subcommands().values().stream()
          .map(line -> line.getCommandSpec())
          .filter(spec -> !spec.usageMessage().hidden())
          .map(spec -> new Candidate(spec.name(), first(spec.usageMessage().description())))
          .toList();
    }
    return command.positionalParameters().stream()
        .filter(parameter -> parameter.index().contains(words.size()))
        .findFirst()
        .map(this::values)
        .orElse(List.of());
  }

  /** The first sentence: there is room for a line. */
  private static String first(String... description) {
    return description.length == 0 ? "" : description[0].replaceFirst("(?<=\\.) .*", "");
  }

  private List<Candidate> optionNames() {
    return command.options().stream()
        .filter(option -> !option.hidden())
        .map(option -> new Candidate(option.longestName(), first(option.description())))
        .toList();
  }

  private List<Candidate> valuesBehind(String name) {
    OptionSpec option = command.findOption(name);
    return option == null
        ? List.of()
        : values(option).stream()
            .map(one -> one.equals(FILES) ? one : new Candidate(name + "=" + one.word(), ""))
            .toList();
  }

  private List<Candidate> values(ArgSpec wanted) {
    if (wanted.completionCandidates() != null) {
      return StreamSupport.stream(wanted.completionCandidates().spliterator(), false)
          .map(word -> new Candidate(word.toLowerCase(Locale.ROOT), ""))
          .toList();
    }
    return switch (wanted.paramLabel()) {
      case "POD" -> named(names.pods());
      case "CONTAINER" -> words.isEmpty() ? List.of() : named(names.containers(words.getFirst()));
      case "IMAGE" -> named(names.images());
      case "NAMESPACE" -> named(names.namespaces());
      case "KIND", "NAME", "KIND NAME", "pod NAME" -> things(wanted);
      case "FILE", "DIR", "PATH" -> List.of(FILES);
      default -> List.of();
    };
  }

  /** First a kind, then names of that kind. */
  private List<Candidate> things(ArgSpec wanted) {
    if (!(wanted instanceof PositionalParamSpec)) {
      return List.of();
    }
    if (words.isEmpty()) {
      return named(
          wanted.paramLabel().startsWith("pod")
              ? List.of("pod")
              : List.of("pods", "configmaps", "secrets", "pvc"));
    }
    return named(names.things(words.getFirst(), options.getOrDefault("--namespace", "default")));
  }

  private static List<Candidate> named(List<String> words) {
    return words.stream().distinct().map(word -> new Candidate(word, "")).toList();
  }
}
