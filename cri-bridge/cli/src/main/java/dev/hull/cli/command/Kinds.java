package dev.hull.cli.command;

import dev.hull.cli.supervisor.Spool;
import dev.hull.cli.supervisor.Spool.Thing;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Kinds as people write them. */
final class Kinds {
  static final String CLAIM = "PersistentVolumeClaim";

  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("pod", "Pod"),
          Map.entry("pods", "Pod"),
          Map.entry("po", "Pod"),
          Map.entry("configmap", "ConfigMap"),
          Map.entry("configmaps", "ConfigMap"),
          Map.entry("cm", "ConfigMap"),
          Map.entry("secret", "Secret"),
          Map.entry("secrets", "Secret"),
          Map.entry("persistentvolumeclaim", CLAIM),
          Map.entry("persistentvolumeclaims", CLAIM),
          Map.entry("pvc", CLAIM));

  private Kinds() {}

  static String of(String text) throws UserException {
    String kind = NAMES.get(text.toLowerCase(Locale.ROOT));
    if (kind == null) {
      throw new UserException(
          "there are no " + text + " here; there are pods, configmaps, secrets and pvc");
    }
    return kind;
  }

  /** A pod's name as it is typed where only pods are meant: {@code web}, {@code pod/web}. */
  static String podName(String typed) {
    int slash = typed.indexOf('/');
    boolean prefixed =
        slash > 0
            && Spool.POD.equals(NAMES.get(typed.substring(0, slash).toLowerCase(Locale.ROOT)));
    return prefixed ? typed.substring(slash + 1) : typed;
  }

  /** {@code pod a b}, or {@code pod/a pvc/b}. */
  static List<Thing> keys(List<String> words, String namespace) throws UserException {
    List<Thing> keys = new ArrayList<>();
    String kind = "";
    for (String word : words) {
      int slash = word.indexOf('/');
      if (slash > 0) {
        keys.add(new Thing(of(word.substring(0, slash)), namespace, word.substring(slash + 1)));
      } else if (kind.isEmpty()) {
        kind = of(word);
      } else {
        keys.add(new Thing(kind, namespace, word));
      }
    }
    return keys;
  }
}
