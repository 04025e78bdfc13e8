package dev.hull.cli.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import dev.hull.cli.pod.Volume;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ManifestTest {
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
    Pod pod = pod("pod.yaml", GOOD);

    assertThat(pod.name()).isEqualTo("web");
    assertThat(pod.namespace()).isEqualTo("shop");
    assertThat(pod.uid()).contains("0a1b");
    assertThat(pod.gracePeriod()).isEqualTo(Duration.ofSeconds(7));
    assertThat(pod.restartPolicy()).isEqualTo(Pod.RestartPolicy.NEVER);
    assertThat(pod.volumes())
        .containsExactly(
            new Volume.EmptyDir("disk", false, Optional.empty(), 0777),
            new Volume.EmptyDir("memory", true, Optional.of(64L << 20), 0777),
            new Volume.HostPath("host", "/srv", Volume.HostPath.Type.DIRECTORY));
    Container container = pod.containers().getFirst();
    assertThat(container.pullPolicy()).isEqualTo(Container.PullPolicy.IF_NOT_PRESENT);
    assertThat(container.args()).containsExactly("echo $(GREETING) $$(GREETING) $(NOBODY)");
    assertThat(container.ports())
        .containsExactly(new Container.Port("http", 80, 8080, "", Container.Port.Protocol.TCP));
    assertThat(container.mounts().getFirst().mountPath()).isEqualTo("/data");
    assertThat(container.mounts().getFirst().readOnly()).isTrue();
  }

  @Test
  void jsonIsReadToo() throws ManifestException {
    String json =
        """
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "j"},
         "spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}]}}
        """;
    assertThat(pod("pod.json", json).containers().getFirst().pullPolicy())
        .isEqualTo(Container.PullPolicy.ALWAYS);
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
    assertThat(pod("pod.yaml", manifest).name()).isEqualTo("web");
  }

  @Test
  void aMisspelledFieldIsNamedWithFileLinePathAndTheLikelyName() {
    assertProblem(
        HEAD + "  containers:\n    - name: a\n      imagee: x\n      image: x\n",
        "pod.yaml:8: spec.containers[0].imagee: unknown field; did you mean image?");
  }

  @Test
  void aFieldThatCannotBeMeantInAMachineIsRefusedWithItsReason() {
    assertProblem(
        HEAD + "  hostPID: true\n  containers:\n    - {name: a, image: x}\n",
        "pod.yaml:6: spec.hostPID: is refused: a pod is a machine, which does not see the host's"
            + " processes; leave it out");
  }

  @Test
  void whatChoosesANodeIsTakenAndSaidToHaveNoEffect() throws ManifestException {
    Manifest manifest =
        Manifest.parse(
            "pod.yaml",
            HEAD
                + "  nodeSelector: {disk: ssd}\n  tolerations: [{operator: Exists}]\n"
                + "  containers: [{name: a, image: x}]\n");
    assertThat(manifest.unused()).containsExactly("spec.nodeSelector", "spec.tolerations");
  }

  @Test
  void bandwidthIsChecked() throws ManifestException {
    String pod =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, annotations: {kubernetes.io/egress-bandwidth: "%s"}}
        spec: {containers: [{name: c, image: "i:1"}]}
        """;
    assertThat(Manifest.parse("pod.yaml", pod.formatted("10M")).unused()).isEmpty();
    for (String wrong : List.of("999", "2P", "fast")) {
      assertProblem(
          pod.formatted(wrong),
          "pod.yaml:3: metadata.annotations.kubernetes.io/egress-bandwidth: must be bits per second"
              + " between 1k and 1P, such as 10M, not "
              + wrong);
    }
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
                Manifest.parse(
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
        "containers: [{name: a, image: x, securityContext: {procMount: Unmasked}}] | procMount: is refused: Unmasked needs hostUsers: false",
        "containers: [{name: a, image: x, ports: [{containerPort: 0}]}] | must be between 1 and 65535",
        "containers: [{name: a, image: x, ports: [{}]}] | ports[0].containerPort: is missing",
        "containers: [{name: a, image: x, ports: [{containerPort: 1, protocol: ICMP}]}] | must be SCTP, TCP or UDP",
        "containers: [{name: a, image: x, env: [{name: a=b}]}] | without an equals sign",
        "containers: [{name: a, image: x, env: [{name: a, valueFrom: {}}]}] | env[0].valueFrom: must have one source",
        "containers: [{name: a, image: x, volumeMounts: [{name: v, mountPath: /v}]}] | no volume named v",
        "`{containers: [{name: a, image: x}], volumes: [{name: v}]}` | the volume has no source",
        "`{containers: [{name: a, image: x}], volumes: [{name: v, secret: {}}]}` | volumes[0].secret.secretName: is missing",
        "`{containers: [{name: a, image: x}], volumes: [{name: v, hostPath: {path: a}}]}` | must be absolute",
        "`{containers: [{name: a, image: x}], volumes: [{name: v, hostPath: {path: /a/../b}}]}` | contain ..",
        "`{containers: [{name: a, image: x}], volumes: [{name: v, hostPath: {path: /a, type: Socket}}]}` | does not cross",
        "`{containers: [{name: a, image: x}], volumes: [{name: v, emptyDir: {medium: Memory, sizeLimit: 1Q}}]}` | not a quantity",
        "`{containers: [{name: a, image: x}], initContainers: [{name: a, image: x}]}` | a is the name of two containers",
        "`{containers: [{name: a, image: x, livenessProbe: {}}]}` | livenessProbe: says nothing to do",
        "`{containers: [{name: a, image: x, livenessProbe: {tcpSocket: {port: web}}}]}` | no port of the container has the name web",
        "`{containers: [{name: a, image: x, readinessProbe: {exec: {command: [a]}, httpGet: {port: 1}}}]}` | does one thing",
        "`{containers: [{name: a, image: x, resources: {requests: {cpu: 2}, limits: {cpu: 1}}}]}` | less than or equal to its limit",
        "`{containers: [{name: a, image: x, resources: {limits: {nvidia.com/gpu: 1}}}]}` | no devices of that name",
        "`{containers: [{name: a, image: x}], initContainers: [{name: b, image: x, livenessProbe: {exec: {command: [a]}}}]}` | not for an init container",
        "`{containers: [{name: a, image: x}], terminationGracePeriodSeconds: -1}` | must be between 0",
        "`{containers: [{name: a, image: x}], dnsPolicy: None}` | None needs at least one of dnsConfig.nameservers",
      })
  void aBadSpecIsRefused(String spec, String message) {
    String flow = spec.startsWith("{") ? spec : "{" + spec + "}";
    assertProblem(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: "
            + flow.replaceFirst("\\{", "{restartPolicy: Never, "),
        message);
  }

  @Test
  void severalDocumentsAndListsAreReadInTheirOrder() throws ManifestException {
    Manifest manifest =
        Manifest.parse(
            "all.yaml",
            """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: c}
            data: {a: b}
            ---
            # nothing
            ---
            apiVersion: v1
            kind: List
            items:
              - {apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {p: q}, data: {r: aGk=}}
              - apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: d}
                spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
            ---
            """
                + GOOD);
    assertThat(manifest.documents())
        .extracting(Document::kind)
        .containsExactly("ConfigMap", "Secret", "PersistentVolumeClaim", "Pod");
    Document.OfSecret secret = (Document.OfSecret) manifest.documents().get(1);
    assertThat(secret.secret().data()).containsEntry("r", ByteString.copyFromUtf8("hi"));
    assertThat(secret.toString()).doesNotContain("hi").doesNotContain("q}");
    assertThat(((Document.OfClaim) manifest.documents().get(2)).claim().requestBytes())
        .isEqualTo(1L << 30);
  }

  @Test
  void theSameThingTwiceIsRefused() {
    assertProblem(GOOD + "---\n" + GOOD, "Pod shop/web is here twice");
  }

  @Test
  void modesAreOctalAsPeopleWriteThem() throws ManifestException {
    String volumes =
        """
          volumes:
            - {name: v, configMap: {name: c, defaultMode: %s}}
          containers: [{name: a, image: x}]
        """;
    for (String mode : new String[] {"0400", "0o400", "256"}) {
      Volume volume = pod("p", HEAD + volumes.formatted(mode)).volumes().getFirst();
      assertThat(((Volume.Projected) volume).defaultMode()).as(mode).isEqualTo(0400);
      String json =
          Manifest.parse("p", HEAD + volumes.formatted(mode))
              .documents()
              .getFirst()
              .source()
              .toString();
      assertThat(pod("p.json", json).volumes()).as("read again").containsExactly(volume);
    }
    assertProblem(HEAD + volumes.formatted("01000"), "must be between 0 and 511");
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

  @Test
  void noEffectIsNoPlaceForALargeTreeEither() {
    StringBuilder bomb = new StringBuilder("  affinity:\n    a0: &a0 [x, x]\n");
    for (int i = 1; i < 60; i++) {
      bomb.append("    a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertProblem(
        HEAD + bomb + "  containers: [{name: a, image: x}]\n", "has more than 200000 values");
  }

  private static Pod pod(String file, String manifest) throws ManifestException {
    return ((Document.OfPod) Manifest.parse(file, manifest).documents().getFirst()).pod();
  }

  private static void assertProblem(String manifest, String message) {
    assertThatExceptionOfType(ManifestException.class)
        .isThrownBy(() -> Manifest.parse("pod.yaml", manifest))
        .withMessageContaining(message);
  }
}
