package dev.hull.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.manifest.ManifestException;
import dev.hull.cli.objects.ManifestObjects;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EnvironmentTest {
  private static final Facts FACTS =
      new Facts(
          "u1",
          "node",
          List.of("192.0.2.1"),
          List.of("10.0.0.2", "fd00::2"),
          BigDecimal.valueOf(4),
          BigDecimal.valueOf(8L << 30));

  private static final String OBJECTS =
      """
      {apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {a: "1", b: "2"}}
      ---
      {apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {p: q}}
      ---
      """;

  private static Environment environment(String container)
      throws ManifestException, MissingException {
    Manifest manifest =
        Manifest.parse(
            "p",
            OBJECTS
                + """
                apiVersion: v1
                kind: Pod
                metadata: {name: web, labels: {app: shop}, annotations: {n: x}}
                spec:
                  serviceAccountName: robot
                  containers: [{name: c, image: i, resources: {limits: {cpu: 1500m}}, %s}]
                """
                    .formatted(container));
    Pod pod = ((Document.OfPod) manifest.documents().getLast()).pod();
    Container c = pod.containers().getFirst();
    return Environment.of(pod, c, FACTS, new ManifestObjects(manifest));
  }

  @Test
  void valuesComeFromEverywhereAndOwnOnesWin() throws Exception {
    assertThat(
            environment(
                    """
                    envFrom: [{configMapRef: {name: m}}, {secretRef: {name: s}, prefix: S_},
                              {configMapRef: {name: none, optional: true}}],
                    env: [{name: a, value: mine}, {name: k, valueFrom: {configMapKeyRef: {name: m, key: b}}},
                          {name: o, valueFrom: {secretKeyRef: {name: s, key: none, optional: true}}}]
                    """)
                .variables())
        .containsExactly(
            Map.entry("a", "mine"),
            Map.entry("b", "2"),
            Map.entry("S_p", "q"),
            Map.entry("k", "2"));
  }

  @Test
  void valuesAreExpandedByEarlierOnesOfEnvAlone() throws Exception {
    Environment environment =
        environment(
            """
            envFrom: [{configMapRef: {name: m}}],
            env: [{name: X, value: x}, {name: Y, value: "$(X)$(a)$(Z)$$(X)"}, {name: Z, value: z}]
            """);
    assertThat(environment.variables()).containsEntry("Y", "x$(a)$(Z)$(X)");
    // Words of commands know all of them.
    assertThat(environment.expand("$(a) $(Y)")).isEqualTo("1 x$(a)$(Z)$(X)");
  }

  @Test
  void thePodTellsOfItself() throws Exception {
    String env =
        """
        env: [{name: N, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}},
              {name: L, valueFrom: {fieldRef: {fieldPath: "metadata.labels['app']"}}},
              {name: S, valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}},
              {name: I, valueFrom: {fieldRef: {fieldPath: status.podIPs}}},
              {name: H, valueFrom: {fieldRef: {fieldPath: status.hostIP}}},
              {name: C, valueFrom: {resourceFieldRef: {resource: limits.cpu}}},
              {name: R, valueFrom: {resourceFieldRef: {resource: requests.cpu, divisor: 1m}}},
              {name: M, valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Gi}}}]
        """;
    assertThat(environment(env).variables())
        .containsEntry("N", "node")
        .containsEntry("L", "shop")
        .containsEntry("S", "robot")
        .containsEntry("I", "10.0.0.2,fd00::2")
        .containsEntry("H", "192.0.2.1")
        .containsEntry("C", "2")
        .containsEntry("R", "1500")
        .containsEntry("M", "8");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertMissing(
        "env: [{name: a, valueFrom: {configMapKeyRef: {name: m, key: z}}}]",
        "the key z of ConfigMap m is not in namespace default, and variables of container c are"
            + " taken from it; apply it too, or say optional: true");
    assertMissing(
        "env: [{name: a, valueFrom: {secretKeyRef: {name: t, key: z}}}]",
        "Secret t is not in namespace default, and variables of container c are taken from it;"
            + " apply it too, or say optional: true");
    assertMissing(
        "envFrom: [{secretRef: {name: t}}]",
        "Secret t is not in namespace default, and variables of container c are taken from it;"
            + " apply it too, or say optional: true");
  }

  private static void assertMissing(String container, String message) {
    assertThatExceptionOfType(MissingException.class)
        .isThrownBy(() -> environment(container))
        .withMessage(message);
  }
}
