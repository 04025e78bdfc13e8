package dev.hull.cli.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EphemeralContainerTest {
  private static Pod pod() throws ManifestException {
    Manifest manifest =
        Manifest.parse(
            "pod.yaml",
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: web}
            spec: {containers: [{name: server, image: "i:1"}], volumes: [{name: v, emptyDir: {}}]}
            """);
    return ((Document.OfPod) manifest.documents().getFirst()).pod();
  }

  private static EphemeralContainer parse(String more) throws ManifestException {
    JsonObject source =
        JsonParser.parseString("{\"name\": \"tools\", \"image\": \"i:1\"" + more + "}")
            .getAsJsonObject();
    return EphemeralContainer.of(pod(), source);
  }

  @Test
  void itIsAContainerWithATarget() throws ManifestException {
    Container container =
        parse(", \"targetContainerName\": \"server\", \"stdin\": true").container();
    assertThat(container.name()).isEqualTo("tools");
    assertThat(container.target()).contains("server");
    assertThat(container.input().stdin()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          , "ports": [{"containerPort": 80}]                | ports: cannot be set for an Ephemeral Container
          , "resources": {"limits": {"cpu": "1"}}           | resources: cannot be set for an Ephemeral Container
          , "lifecycle": {}                                 | lifecycle: cannot be set for an Ephemeral Container
          , "restartPolicy": "Always"                       | restartPolicy: cannot be set for an Ephemeral Container
          , "livenessProbe": {"tcpSocket": {"port": 80}}    | livenessProbe: cannot be set for an Ephemeral Container
          , "targetContainerName": "nobody"                 | targetContainerName: the pod web has no container nobody; it has: server
          , "name": "server"                                | name: server is the name of another container
          , "name": "No"                                    | name: must be lower-case
          , "volumeMounts": [{"name": "v", "mountPath": "/v", "subPath": "s"}] | volumeMounts: subPath cannot be set for an Ephemeral Container
          , "imagee": "x"                                   | imagee: unknown field; did you mean image?
          """)
  void whatOneCannotHaveIsRefusedByName(String more, String message) {
    assertThatThrownBy(() -> parse(more))
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining(message);
  }
}
