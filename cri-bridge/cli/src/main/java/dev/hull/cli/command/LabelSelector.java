package dev.hull.cli.command;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which labels are wanted, as kubectl's {@code -l} has it: terms with commas between, all of which
 * hold: {@code app=web}, {@code app==web}, {@code app!=web}, {@code app in (web, api)}, {@code app
 * notin (web)}, {@code app}, {@code !app}.
 */
record LabelSelector(List<Term> terms) {
  /** Every thing is selected. */
  static final LabelSelector ALL = new LabelSelector(List.of());

  private static final String KEY = "[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?";
  private static final String VALUE = "([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?";
  private static final Pattern EQUALITY =
      Pattern.compile("(?<key>" + KEY + ")\\s*(?<sign>==?|!=)\\s*(?<value>" + VALUE + ")");
  private static final Pattern SET =
      Pattern.compile("(?<key>" + KEY + ")\\s+(?<sign>in|notin)\\s*\\((?<values>[^()]*)\\)");
  private static final Pattern EXISTENCE = Pattern.compile("(?<sign>!?)\\s*(?<key>" + KEY + ")");

  LabelSelector {
    terms = List.copyOf(terms);
  }

  /**
   * One condition.
   *
   * @param values empty if any will do
   * @param negated whether it must not hold; a label that is not there has none of the values
   */
  record Term(String key, Set<String> values, boolean negated) {
    Term {
      values = Set.copyOf(values);
    }

    boolean matches(Map<String, String> labels) {
      String value = labels.get(key);
      return (value != null && (values.isEmpty() || values.contains(value))) != negated;
    }
  }

  /**
   * Reads one.
   *
   * @throws UserException if it is none
   */
  static LabelSelector parse(String text) throws UserException {
    Stream.Builder<Term> terms = Stream.builder();
    // Commas within parentheses are between values.
    for (String part : text.split(",(?![^(]*\\))", -1)) {
      terms.add(term(part.strip()));
    }
    return new LabelSelector(terms.build().toList());
  }

  private static Term term(String text) throws UserException {
    Matcher equality = EQUALITY.matcher(text);
    if (equality.matches()) {
      return new Term(
          equality.group("key"),
          Set.of(equality.group("value")),
          equality.group("sign").equals("!="));
    }
    Matcher set = SET.matcher(text);
    if (set.matches()) {
      Set<String> values = new HashSet<>();
      Arrays.stream(set.group("values").split(",", -1)).map(String::strip).forEach(values::add);
      return new Term(set.group("key"), values, set.group("sign").equals("notin"));
    }
    Matcher existence = EXISTENCE.matcher(text);
    if (existence.matches()) {
      return new Term(existence.group("key"), Set.of(), !existence.group("sign").isEmpty());
    }
    throw new UserException(
        "%s is no label selector such as app=web, app!=web, app in (web,api) or !app"
            .formatted(text.isEmpty() ? "nothing" : text));
  }

  /** Whether all terms hold. */
  boolean matches(Map<String, String> labels) {
    return terms.stream().allMatch(term -> term.matches(labels));
  }
}
