package dev.hull.cli.registry;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import dev.hull.cli.objects.Objects;
import dev.hull.cli.pod.Pod;
import dev.hull.cri.v1.AuthConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Names and passwords by place: first those of the pod's imagePullSecrets, then the user's own of
 * {@code docker login}, then none.
 */
public final class Keyring {
  private static final String CONFIG_KEY = ".dockerconfigjson";
  private static final String OLD_KEY = ".dockercfg";

  private final Objects objects;
  private final Optional<Path> userConfig;
  private final CredentialHelper helper;
  private final Consumer<String> complaints;

  /**
   * Reads nothing yet.
   *
   * @param userConfig Docker's config.json; need not be there
   * @param complaints hears of configurations that cannot be read
   */
  public Keyring(
      Objects objects,
      Optional<Path> userConfig,
      CredentialHelper helper,
      Consumer<String> complaints) {
    this.objects = objects;
    this.userConfig = userConfig;
    this.helper = helper;
    this.complaints = complaints;
  }

  /** Where Docker keeps its configuration. */
  public static Optional<Path> userConfig(Map<String, String> environment) {
    return Optional.ofNullable(environment.get("DOCKER_CONFIG"))
        .map(Path::of)
        .or(() -> Optional.ofNullable(environment.get("HOME")).map(h -> Path.of(h, ".docker")))
        .map(folder -> folder.resolve("config.json"));
  }

  private record Key(int fit, AuthConfig auth) {}

  /** What to try for an image of a pod, best first; the last is to come without any. */
  public List<AuthConfig> of(Pod pod, String image) {
    ImageName name = ImageName.of(image);
    List<AuthConfig> all = new ArrayList<>();
    for (String secret : pod.imagePullSecrets()) {
      objects
          .secret(pod.namespace(), secret)
          .ifPresentOrElse(
              found -> {
                boolean old = !found.data().containsKey(CONFIG_KEY);
                ByteString config = found.data().get(old ? OLD_KEY : CONFIG_KEY);
                if (config == null) {
                  complaints.accept(
                      "the Secret " + secret + " has no " + CONFIG_KEY + "; it is not used");
                } else {
                  all.addAll(read("the Secret " + secret, config, old, name));
                }
              },
              () -> complaints.accept("there is no Secret " + secret + " to pull images with"));
    }
    all.addAll(ofUser(name));
    all.add(AuthConfig.getDefaultInstance());
    return all;
  }

  private List<AuthConfig> ofUser(ImageName name) {
    if (userConfig.isEmpty() || !Files.isReadable(userConfig.get())) {
      return List.of();
    }
    try {
      ByteString text = ByteString.copyFrom(Files.readAllBytes(userConfig.get()));
      List<AuthConfig> all = new ArrayList<>(read(userConfig.get().toString(), text, false, name));
      if (JsonParser.parseString(text.toStringUtf8()) instanceof JsonObject config) {
        helperOf(config, name)
            .flatMap(program -> helper.get(program, name.host()))
            .ifPresent(all::addFirst);
      }
      return all;
    } catch (IOException | JsonParseException e) {
      complaints.accept("cannot read " + userConfig.get() + ": " + e.getMessage());
      return List.of();
    }
  }

  private static Optional<String> helperOf(JsonObject config, ImageName name) {
    if (config.get("credHelpers") instanceof JsonObject helpers) {
      for (Map.Entry<String, JsonElement> entry : helpers.entrySet()) {
        if (name.fits(entry.getKey()) >= 0) {
          return Optional.of(entry.getValue().getAsString());
        }
      }
    }
    return Optional.ofNullable(config.get("credsStore")).map(JsonElement::getAsString);
  }

  private List<AuthConfig> read(String what, ByteString text, boolean old, ImageName name) {
    try {
      if (!(JsonParser.parseString(text.toStringUtf8()) instanceof JsonObject config)) {
        throw new JsonParseException("expected an object");
      }
      if (!((old ? config : config.get("auths")) instanceof JsonObject auths)) {
        return List.of();
      }
      return auths.entrySet().stream()
          .map(entry -> new Key(name.fits(entry.getKey()), auth(entry.getValue())))
          .filter(key -> key.fit() >= 0 && !key.auth().equals(AuthConfig.getDefaultInstance()))
          .sorted(Comparator.comparingInt(Key::fit).reversed())
          .map(Key::auth)
          .toList();
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      // Without the text, for there are passwords in it.
      complaints.accept("cannot read " + what + " as a Docker configuration; it is not used");
      return List.of();
    }
  }

  private static AuthConfig auth(JsonElement element) {
    if (!(element instanceof JsonObject entry)) {
      return AuthConfig.getDefaultInstance();
    }
    return AuthConfig.newBuilder()
        .setUsername(text(entry, "username"))
        .setPassword(text(entry, "password"))
        .setAuth(text(entry, "auth"))
        .setIdentityToken(text(entry, "identitytoken"))
        .setRegistryToken(text(entry, "registrytoken"))
        .build();
  }

  private static String text(JsonObject entry, String name) {
    return entry.has(name) ? entry.get(name).getAsString() : "";
  }
}
