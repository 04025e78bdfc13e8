package dev.hull.cli.manifest;

import dev.hull.cli.pod.ContainerSecurity;
import dev.hull.cli.pod.ContainerSecurity.Profile;
import dev.hull.cli.pod.ContainerSecurity.SeLinux;
import dev.hull.cli.pod.ContainerSecurity.User;
import dev.hull.cli.pod.PodSecurity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads the security contexts of pods and containers. */
final class SecurityParser {
  private static final long MOST_ID = Integer.MAX_VALUE;
  private static final Pattern SYSCTL =
      Pattern.compile("[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*");
  private static final Map<String, Profile.Kind> PROFILES =
      Map.of(
          "RuntimeDefault", Profile.Kind.RUNTIME_DEFAULT,
          "Unconfined", Profile.Kind.UNCONFINED,
          "Localhost", Profile.Kind.LOCALHOST);

  private SecurityParser() {}

  static PodSecurity pod(Fields spec) {
    Optional<Fields> found = spec.mapping("securityContext");
    if (found.isEmpty()) {
      return new PodSecurity(
          new User(Optional.empty(), Optional.empty()),
          Optional.empty(),
          Optional.empty(),
          false,
          List.of(),
          false,
          Map.of(),
          Optional.empty(),
          Optional.empty(),
          SeLinux.NONE);
    }
    Fields fields = found.get();
    PodSecurity security =
        new PodSecurity(
            user(fields),
            fields.flag("runAsNonRoot"),
            fields.integer("fsGroup", 0, MOST_ID),
            fields.choice(
                "fsGroupChangePolicy", Map.of("Always", false, "OnRootMismatch", true), false),
            fields.integers("supplementalGroups", 0, MOST_ID),
            fields.choice(
                "supplementalGroupsPolicy", Map.of("Merge", false, "Strict", true), false),
            sysctls(fields),
            profile(fields, "seccompProfile"),
            profile(fields, "appArmorProfile"),
            seLinux(fields));
    // Of a volume's label, where there are labels; the choice is between two ways to set it.
    fields.unused("seLinuxChangePolicy");
    fields.refuse("windowsOptions", "machines run Linux; leave it out");
    fields.finish();
    return security;
  }

  static ContainerSecurity container(Fields container) {
    Optional<Fields> found = container.mapping("securityContext");
    if (found.isEmpty()) {
      return new ContainerSecurity(
          new User(Optional.empty(), Optional.empty()),
          Optional.empty(),
          false,
          Optional.empty(),
          false,
          List.of(),
          List.of(),
          false,
          Optional.empty(),
          Optional.empty(),
          SeLinux.NONE);
    }
    Fields fields = found.get();
    Optional<Fields> capabilities = fields.mapping("capabilities");
    List<String> added = capabilities.map(c -> capabilities(c, "add")).orElse(List.of());
    List<String> dropped = capabilities.map(c -> capabilities(c, "drop")).orElse(List.of());
    capabilities.ifPresent(Fields::finish);
    boolean privileged = fields.bool("privileged");
    Optional<Boolean> escalation = fields.flag("allowPrivilegeEscalation");
    if (escalation.filter(allowed -> !allowed).isPresent()
        && (privileged || added.contains("SYS_ADMIN"))) {
      fields.problem(
          "allowPrivilegeEscalation",
          ": cannot be false for a container that is privileged or has CAP_SYS_ADMIN");
    }
    ContainerSecurity security =
        new ContainerSecurity(
            user(fields),
            fields.flag("runAsNonRoot"),
            privileged,
            escalation,
            fields.bool("readOnlyRootFilesystem"),
            added,
            dropped,
            fields.choice("procMount", Map.of("Default", false, "Unmasked", true), false),
            profile(fields, "seccompProfile"),
            profile(fields, "appArmorProfile"),
            seLinux(fields));
    fields.refuse("windowsOptions", "machines run Linux; leave it out");
    fields.finish();
    return security;
  }

  private static User user(Fields fields) {
    return new User(
        fields.integer("runAsUser", 0, MOST_ID), fields.integer("runAsGroup", 0, MOST_ID));
  }

  private static List<String> capabilities(Fields fields, String name) {
    List<String> names = fields.strings(name);
    for (String capability : names) {
      if (!capability.matches("[A-Z0-9_]+")) {
        fields.problem(name, ": " + capability + " is no capability such as NET_ADMIN");
      }
    }
    return names;
  }

  private static Map<String, String> sysctls(Fields fields) {
    Map<String, String> sysctls = new LinkedHashMap<>();
    for (Fields sysctl : fields.mappings("sysctls")) {
      String name = sysctl.required("name");
      if (!name.isEmpty() && !SYSCTL.matcher(name).matches()) {
        sysctl.problem("name", ": " + name + " is no sysctl such as net.core.somaxconn");
      }
      String value = sysctl.string("value").orElse("");
      if (!sysctl.has("value")) {
        sysctl.problem("value", ": is missing");
      }
      sysctl.finish();
      if (sysctls.put(name.replace('/', '.'), value) != null) {
        sysctl.problem("name", ": " + name + " is set twice");
      }
    }
    return sysctls;
  }

  private static Optional<Profile> profile(Fields parent, String name) {
    Optional<Fields> found = parent.mapping(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Fields fields = found.get();
    if (fields.required("type").isEmpty()) {
      fields.finish();
      return Optional.empty();
    }
    Profile.Kind kind = fields.choice("type", PROFILES, Profile.Kind.RUNTIME_DEFAULT);
    String file = fields.string("localhostProfile").orElse("");
    if (kind == Profile.Kind.LOCALHOST && file.isEmpty()) {
      fields.problem("localhostProfile", ": is missing, as type: Localhost demands it");
    } else if (kind != Profile.Kind.LOCALHOST && !file.isEmpty()) {
      fields.problem("localhostProfile", ": is for type: Localhost alone");
    }
    fields.finish();
    return Optional.of(new Profile(kind, file));
  }

  private static SeLinux seLinux(Fields parent) {
    Optional<Fields> found = parent.mapping("seLinuxOptions");
    if (found.isEmpty()) {
      return SeLinux.NONE;
    }
    Fields fields = found.get();
    SeLinux label =
        new SeLinux(
            fields.string("user").orElse(""),
            fields.string("role").orElse(""),
            fields.string("type").orElse(""),
            fields.string("level").orElse(""));
    fields.finish();
    return label;
  }
}
