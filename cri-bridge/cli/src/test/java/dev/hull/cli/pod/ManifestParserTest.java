package dev.hull.cli.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ManifestParserTest {
  private static final String HEAD =
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web}
      spec:
        restartPolicy: Never
      """;

  private static final String GOOD =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: web
        namespace: shop
        uid: 0a1b
        labels: {app: web}
      spec:
        restartPolicy: Never
        terminationGracePeriodSeconds: 7
        volumes:
          - {name: disk, emptyDir: {}}
          - {name: memory, emptyDir: {medium: Memory, sizeLimit: 64Mi}}
          - {name: host, hostPath: {path: /srv, type: Directory}}
        containers:
          - name: a
            image: nginx:1.25
            command: [/bin/sh, -c]
            args: ["echo $(GREETING) $$(GREETING) $(NOBODY)"]
            workingDir: /work
            env:
              - {name: NAME, value: you}
              - {name: GREETING, value: "hello $(NAME)"}
            ports: [{containerPort: 80, hostPort: 8080, protocol: TCP, name: http}]
            volumeMounts: [{name: disk, mountPath: /data, readOnly: true}]
      """;

  @Test
  void everythingSupportedIsRead() throws ManifestException {
    Pod pod = ManifestParser.parse("pod.yaml", GOOD);

    assertThat(pod.name()).isEqualTo("web");
    assertThat(pod.namespace()).isEqualTo("shop");
    assertThat(pod.uid()).contains("0a1b");
    assertThat(pod.gracePeriod()).isEqualTo(Duration.ofSeconds(7));
    assertThat(pod.volumes())
        .containsExactly(
            new Pod.Volume.EmptyDir("disk"),
            new Pod.Volume.Memory("memory", 64 << 20),
            new Pod.Volume.HostPath("host", "/srv", Pod.Volume.HostPath.Type.DIRECTORY));
    Pod.Container container = pod.containers().getFirst();
    assertThat(container.pullPolicy()).isEqualTo(Pod.PullPolicy.IF_NOT_PRESENT);
    assertThat(container.args()).containsExactly("echo hello you $(GREETING) $(NOBODY)");
    assertThat(container.ports())
        .containsExactly(new Pod.Port("http", 80, 8080, "", Pod.Port.Protocol.TCP));
    assertThat(container.mounts()).containsExactly(new Pod.VolumeMount("disk", "/data", true));
  }

  @Test
  void jsonIsReadToo() throws ManifestException {
    String json =
        """
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "j"},
         "spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}]}}
        """;
    assertThat(ManifestParser.parse("pod.json", json).containers().getFirst().pullPolicy())
        .isEqualTo(Pod.PullPolicy.ALWAYS);
  }

  @Test
  void whatKubectlWritesAsEmptyIsTaken() throws ManifestException {
    String manifest =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, creationTimestamp: null}
        spec:
          containers: [{name: a, image: b, resources: {}}]
          dnsPolicy: ClusterFirst
          restartPolicy: Never
        status: {}
        """;
    assertThat(ManifestParser.parse("pod.yaml", manifest).name()).isEqualTo("web");
  }

  @Test
  void aMisspelledFieldIsNamedWithFileLinePathAndTheLikelyName() {
    assertProblem(
        HEAD + "  containers:\n    - name: a\n      imagee: x\n      image: x\n",
        "pod.yaml:8: spec.containers[0].imagee: unknown field; did you mean image?");
  }

  @Test
  void aFieldThatHullDoesNotSupportYetIsRefusedByItsPath() {
    assertProblem(
        HEAD + "  containers:\n    - name: a\n      image: x\n      livenessProbe: {}\n",
        "pod.yaml:9: spec.containers[0].livenessProbe is not supported yet");
  }

  @Test
  void aWrongTypeIsNamedWithARemedy() {
    assertProblem(
        HEAD + "  containers:\n    - name: a\n      image: x\n      args: [1]\n",
        "pod.yaml:9: spec.containers[0].args[0]: expected a string, found the number 1; put it in"
            + " quotes");
  }

  @Test
  void allProblemsAreToldAtOnceInTheOrderOfTheFile() {
    ManifestException e =
        catchThrowableOfType(
            ManifestException.class,
            () ->
                ManifestParser.parse(
                    "p", HEAD + "  hostNetwork: true\n  containers:\n    - {name: A, image: 3}\n"));
    assertThat(e.problems()).extracting(ManifestException.Problem::line).containsExactly(6, 8, 8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "a: [                  | is not YAML",
        "`\"\"`                | is not a Pod: expected a mapping, found a string",
        "[1, 2]                | is not a Pod: expected a mapping, found a list",
        "kind: Pod             | apiVersion: is missing",
        "{kind: Job, apiVersion: batch/v1} | kind: Job is not supported; Hull runs Pods",
        "{kind: Pod, apiVersion: v2, metadata: {}, spec: {}} | apiVersion: must be v1",
        "{a: 1, a: 2}          | a: is here twice",
        "a: *nobody            | names no anchor",
        "a: !!binary aGk=      | is not supported",
      })
  void whatIsNoPodIsRefused(String manifest, String message) {
    assertProblem(manifest, message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "containers: [] | spec.containers: a Pod needs at least one container",
        "containers: {} | spec.containers: expected a list, found a mapping",
        "containers: [x] | spec.containers[0]: expected a mapping, found a string",
        "containers: [{image: x}] | spec.containers[0].name: is missing",
        "containers: [{name: a}] | spec.containers[0].image: is missing",
        "containers: [{name: A, image: x}] | spec.containers[0].name: must be lower-case",
        "containers: [{name: a, image: x}, {name: a, image: x}] | a is the name of two containers",
        "containers: [{name: a, image: x, workingDir: b}] | workingDir: must be absolute",
        "containers: [{name: a, image: x, imagePullPolicy: Sometimes}] | must be Always,",
        "containers: [{name: a, image: x, ports: [{containerPort: 0}]}] | must be between 1 and 65535",
        "containers: [{name: a, image: x, ports: [{}]}] | ports[0].containerPort: is missing",
        "containers: [{name: a, image: x, ports: [{containerPort: 1, protocol: ICMP}]}] | must be TCP,",
        "containers: [{name: a, image: x, env: [{name: a=b}]}] | without an equals sign",
        "containers: [{name: a, image: x, env: [{name: a, valueFrom: {}}]}] | env[0].valueFrom is not",
        "containers: [{name: a, image: x, volumeMounts: [{name: v, mountPath: /v}]}] | no volume named v",
        "`{containers: [{name: a, image: x}], volumes: [{name: v}]}` | the volume has no source",
        "`{containers: [{name: a, image: x}], volumes: [{name: v, secret: {}}]}` | volumes[0].secret is not",
        "`{containers: [{name: a, image: x}], volumes: [{name: v, hostPath: {path: a}}]}` | must be absolute",
        "`{containers: [{name: a, image: x}], volumes: [{name: v, hostPath: {path: /a/../b}}]}` | contain ..",
        "`{containers: [{name: a, image: x}], volumes: [{name: v, hostPath: {path: /a, type: Socket}}]}` | does not cross",
        "`{containers: [{name: a, image: x}], volumes: [{name: v, emptyDir: {sizeLimit: 1Gi}}]}` | sizeLimit is not supported yet",
        "`{containers: [{name: a, image: x}], volumes: [{name: v, emptyDir: {medium: Memory, sizeLimit: 1Q}}]}` | not a quantity",
        "`{containers: [{name: a, image: x}], initContainers: []}` | spec.initContainers is not supported yet",
        "`{containers: [{name: a, image: x}], terminationGracePeriodSeconds: -1}` | must be between 0",
        "`{containers: [{name: a, image: x}], dnsPolicy: None}` | None is not supported yet",
      })
  void aBadSpecIsRefused(String spec, String message) {
    String flow = spec.startsWith("{") ? spec : "{" + spec + "}";
    assertProblem(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: "
            + flow.replaceFirst("\\{", "{restartPolicy: Never, "),
        message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Always", "OnFailure"})
  void onlyRestartPolicyNeverIsSupported(String policy) {
    assertProblem(
        GOOD.replace("restartPolicy: Never", "restartPolicy: " + policy),
        "spec.restartPolicy: " + policy + " is not supported yet; only Never is");
  }

  @Test
  void aMissingRestartPolicyMeansAlwaysAndIsNotIgnored() {
    assertProblem(
        GOOD.replace("  restartPolicy: Never\n", ""),
        "its default, Always, is not supported yet; write restartPolicy: Never");
  }

  @Test
  void twoDocumentsAreRefused() {
    assertProblem(GOOD + "---\n" + GOOD, "has more than one document");
  }

  @Test
  void anEmptyFileIsRefused() {
    assertProblem("# nothing\n", "pod.yaml:1: is empty");
  }

  @Test
  void hostileNestingIsRefusedAndDoesNotOverflowTheStack() {
    assertProblem("[".repeat(50_000), "is nested more than 64 levels deep");
  }

  @Test
  void aSmallFileCannotGrowIntoALargeTree() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertProblem(bomb.toString(), "kind: is missing");
  }

  @Test
  void aHugeFileIsRefused() {
    assertProblem("#" + "x".repeat(YamlReader.MAX_CHARACTERS), "is larger than");
  }

  private static void assertProblem(String manifest, String message) {
    assertThatExceptionOfType(ManifestException.class)
        .isThrownBy(() -> ManifestParser.parse("pod.yaml", manifest))
        .withMessageContaining(message);
  }
}
