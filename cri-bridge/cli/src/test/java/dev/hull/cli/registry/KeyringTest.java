package dev.hull.cli.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.objects.ManifestObjects;
import dev.hull.cli.pod.Pod;
import dev.hull.cri.v1.AuthConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyringTest {
  @TempDir private Path home;
  private final List<String> complaints = new ArrayList<>();

  private List<AuthConfig> keys(String secretConfig, String userConfig, String image)
      throws Exception {
    String encoded =
        Base64.getEncoder().encodeToString(ByteString.copyFromUtf8(secretConfig).toByteArray());
    Manifest manifest =
        Manifest.parse(
            "p",
            """
            apiVersion: v1
            kind: Secret
            metadata: {name: s}
            type: kubernetes.io/dockerconfigjson
            data: {.dockerconfigjson: "%s"}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: p}
            spec: {imagePullSecrets: [{name: s}, {name: none}], containers: [{name: a, image: i}]}
            """
                .formatted(encoded));
    Path config = Files.writeString(home.resolve("config.json"), userConfig);
    Pod pod = ((Document.OfPod) manifest.documents().getLast()).pod();
    return new Keyring(
            new ManifestObjects(manifest),
            Optional.of(config),
            (name, host) ->
                Optional.of(AuthConfig.newBuilder().setUsername(name + "@" + host).build()),
            complaints::add)
        .of(pod, image);
  }

  @Test
  void theSecretsComeFirstThenTheUsersOwnThenNone() throws Exception {
    List<AuthConfig> keys =
        keys(
            "{\"auths\": {\"r.example\": {\"auth\": \"host\"}, \"https://r.example/team/\": {\"auth\": \"path\"}, \"other\": {\"auth\": \"x\"}}}",
            "{\"auths\": {\"*.example\": {\"username\": \"u\", \"password\": \"p\"}}, \"credHelpers\": {\"r.example\": \"vault\"}}",
            "r.example/team/app:1");
    assertThat(keys)
        .extracting(key -> key.getAuth() + key.getUsername())
        .containsExactly("path", "host", "vault@r.example", "u", "");
    assertThat(complaints).containsExactly("there is no Secret none to pull images with");
  }

  @Test
  void dockersHubHasManyNames() throws Exception {
    List<AuthConfig> keys =
        keys(
            "{\"auths\": {\"https://index.docker.io/v1/\": {\"auth\": \"hub\"}}}", "{}", "nginx:1");
    assertThat(keys).extracting(AuthConfig::getAuth).containsExactly("hub", "");
  }

  @Test
  void whatCannotBeReadIsSaidWithoutItsText() throws Exception {
    assertThat(keys("{secret", "{}", "nginx:1")).hasSize(1);
    assertThat(complaints.getFirst())
        .isEqualTo("cannot read the Secret s as a Docker configuration; it is not used");
  }
}
