package dev.hull.cli.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import dev.hull.cli.manifest.ManifestException.Problem;
import dev.hull.cli.pod.Pod;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Goes through every field that the published API of a Pod has, set to something that is not its
 * default, and wants it to be one of three: meant (what is read differs), said to have no effect,
 * or refused by path and line with a reason.
 */
final class WholePodSchemaTest {
  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();
  private static final Class<?> POD = io.fabric8.kubernetes.api.model.Pod.class;

  private static final String BASE =
      """
      {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
       "spec": {
         "initContainers": [{"name": "side", "image": "i:1", "restartPolicy": "Always"}],
         "containers": [{"name": "c", "image": "i:1", "ports": [{"containerPort": 80, "name": "web"}]}],
         "volumes": [{"name": "v", "emptyDir": {}}]}}
      """;

  /** Values that are valid and not the default, by {@code Class.field}. */
  private static final Map<String, String> SAMPLES =
      Map.ofEntries(
          Map.entry("ObjectMeta.labels", "{\"k\": \"v\"}"),
          Map.entry("PodSpec.dnsPolicy", "\"Default\""),
          Map.entry("PodSpec.hostUsers", "false"),
          Map.entry("PodSpec.restartPolicy", "\"OnFailure\""),
          Map.entry("PodSpec.runtimeClassName", "\"hull\""),
          Map.entry("PodSpec.os", "{\"name\": \"linux\"}"),
          Map.entry("PodSpec.serviceAccount", "\"robot\""),
          Map.entry("PodSpec.serviceAccountName", "\"robot\""),
          Map.entry("Container.imagePullPolicy", "\"Never\""),
          Map.entry("Container.workingDir", "\"/w\""),
          Map.entry("Container.restartPolicy", "\"OnFailure\""),
          Map.entry("Container.terminationMessagePath", "\"/t\""),
          Map.entry("Container.terminationMessagePolicy", "\"FallbackToLogsOnError\""),
          Map.entry("ContainerRestartRule.action", "\"Restart\""),
          Map.entry("ContainerRestartRuleOnExitCodes.operator", "\"NotIn\""),
          Map.entry("ContainerRestartRuleOnExitCodes.values", "[42]"),
          Map.entry("ContainerPort.protocol", "\"UDP\""),
          Map.entry("Lifecycle.stopSignal", "\"SIGUSR1\""),
          Map.entry("HTTPGetAction.scheme", "\"HTTPS\""),
          Map.entry("HTTPGetAction.port", "81"),
          Map.entry("TCPSocketAction.port", "81"),
          Map.entry("HostAlias.ip", "\"10.0.0.1\""),
          Map.entry("PodDNSConfig.nameservers", "[\"10.0.0.1\"]"),
          Map.entry("ObjectFieldSelector.fieldPath", "\"metadata.namespace\""),
          Map.entry("ResourceFieldSelector.resource", "\"requests.cpu\""),
          Map.entry("ResourceFieldSelector.divisor", "\"1m\""),
          Map.entry("ResourceFieldSelector.containerName", "\"side\""),
          Map.entry("EmptyDirVolumeSource.medium", "\"Memory\""),
          Map.entry("HostPathVolumeSource.path", "\"/x\""),
          Map.entry("HostPathVolumeSource.type", "\"File\""),
          Map.entry("ImageVolumeSource.pullPolicy", "\"Never\""),
          Map.entry("VolumeMount.mountPath", "\"/y\""),
          Map.entry("VolumeMount.mountPropagation", "\"HostToContainer\""),
          Map.entry("VolumeMount.recursiveReadOnly", "\"Enabled\""),
          Map.entry("PodSecurityContext.fsGroupChangePolicy", "\"OnRootMismatch\""),
          Map.entry("PodSecurityContext.supplementalGroupsPolicy", "\"Strict\""),
          Map.entry("PodSecurityContext.supplementalGroups", "[7]"),
          Map.entry("SecurityContext.procMount", "\"Unmasked\""),
          Map.entry("SecurityContext.allowPrivilegeEscalation", "false"),
          Map.entry("SeccompProfile.type", "\"Unconfined\""),
          Map.entry("AppArmorProfile.type", "\"Unconfined\""),
          Map.entry("Capabilities.add", "[\"NET_ADMIN\"]"),
          Map.entry("Capabilities.drop", "[\"KILL\"]"),
          Map.entry("Probe.successThreshold", "2"),
          Map.entry("VolumeMount.name", "\"v\""),
          Map.entry("EnvVar.name", "\"OTHER\""),
          Map.entry("ObjectFieldSelector.apiVersion", "\"v1\""));

  /** The least that is valid, of what may not be empty. */
  private static final Map<String, String> LEAST =
      Map.ofEntries(
          Map.entry("Container", "{\"name\": \"other\", \"image\": \"i:1\"}"),
          Map.entry("EphemeralContainer", "{\"name\": \"other\", \"image\": \"i:1\"}"),
          Map.entry("LocalObjectReference", "{\"name\": \"o\"}"),
          Map.entry("HostAlias", "{\"ip\": \"10.0.0.2\"}"),
          Map.entry("PodDNSConfigOption", "{\"name\": \"o\"}"),
          Map.entry("EnvVar", "{\"name\": \"E\"}"),
          Map.entry("EnvVarSource", "{\"fieldRef\": {\"fieldPath\": \"metadata.name\"}}"),
          Map.entry("ObjectFieldSelector", "{\"fieldPath\": \"metadata.name\"}"),
          Map.entry(
              "ResourceFieldSelector", "{\"resource\": \"limits.cpu\", \"containerName\": \"c\"}"),
          Map.entry("ConfigMapKeySelector", "{\"name\": \"m\", \"key\": \"k\"}"),
          Map.entry("SecretKeySelector", "{\"name\": \"m\", \"key\": \"k\"}"),
          Map.entry("EnvFromSource", "{\"configMapRef\": {\"name\": \"m\"}}"),
          Map.entry("ConfigMapEnvSource", "{\"name\": \"m\"}"),
          Map.entry("SecretEnvSource", "{\"name\": \"m\"}"),
          Map.entry("LifecycleHandler", "{\"exec\": {\"command\": [\"a\"]}}"),
          Map.entry("Probe", "{\"exec\": {\"command\": [\"a\"]}}"),
          Map.entry("ExecAction", "{\"command\": [\"a\"]}"),
          Map.entry("HTTPGetAction", "{\"port\": 80}"),
          Map.entry("TCPSocketAction", "{\"port\": 80}"),
          Map.entry("GRPCAction", "{\"port\": 80}"),
          Map.entry("SleepAction", "{\"seconds\": 1}"),
          Map.entry("HTTPHeader", "{\"name\": \"H\", \"value\": \"v\"}"),
          Map.entry("ContainerPort", "{\"containerPort\": 90}"),
          Map.entry(
              "ContainerRestartRule",
              "{\"action\": \"Restart\", \"exitCodes\": {\"values\": [1]}}"),
          Map.entry("ContainerRestartRuleOnExitCodes", "{\"values\": [1]}"),
          Map.entry("Sysctl", "{\"name\": \"net.core.somaxconn\", \"value\": \"1\"}"),
          Map.entry("SeccompProfile", "{\"type\": \"RuntimeDefault\"}"),
          Map.entry("AppArmorProfile", "{\"type\": \"RuntimeDefault\"}"),
          Map.entry("Volume", "{\"name\": \"other\", \"emptyDir\": {}}"),
          Map.entry("VolumeMount", "{\"name\": \"v\", \"mountPath\": \"/m\", \"readOnly\": true}"),
          Map.entry("HostPathVolumeSource", "{\"path\": \"/h\"}"),
          Map.entry("ConfigMapVolumeSource", "{\"name\": \"m\"}"),
          Map.entry("ConfigMapProjection", "{\"name\": \"m\"}"),
          Map.entry("SecretVolumeSource", "{\"secretName\": \"m\"}"),
          Map.entry("SecretProjection", "{\"name\": \"m\"}"),
          Map.entry("KeyToPath", "{\"key\": \"k\", \"path\": \"q\"}"),
          Map.entry(
              "DownwardAPIVolumeFile",
              "{\"path\": \"q\", \"fieldRef\": {\"fieldPath\": \"metadata.name\"}}"),
          Map.entry("VolumeProjection", "{\"configMap\": {\"name\": \"m\"}}"),
          Map.entry("PersistentVolumeClaimVolumeSource", "{\"claimName\": \"d\"}"),
          Map.entry("ImageVolumeSource", "{\"reference\": \"i:2\"}"),
          Map.entry("PodReadinessGate", "{\"conditionType\": \"t\"}"));

  /** Fields of which there may be one: the others go when one is set. */
  private static final Map<String, Set<String>> EITHER =
      Map.of(
          "EnvVarSource",
          Set.of("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"),
          "EnvFromSource",
          Set.of("configMapRef", "secretRef"),
          "Probe",
          Set.of("exec", "httpGet", "tcpSocket", "grpc"),
          "LifecycleHandler",
          Set.of("exec", "httpGet", "tcpSocket", "sleep"),
          "DownwardAPIVolumeFile",
          Set.of("fieldRef", "resourceFieldRef"),
          "VolumeProjection",
          fieldsOf(VolumeProjection.class),
          "Volume",
          fieldsOf(Volume.class));

  /** All that a volume can be: its fields but the name. */
  private static Set<String> fieldsOf(Class<?> type) {
    return Arrays.stream(type.getDeclaredFields())
        .filter(field -> !Modifier.isStatic(field.getModifiers()))
        .map(Field::getName)
        .filter(name -> !name.equals("name"))
        .collect(Collectors.toSet());
  }

  /** What else must be there for a field to be valid. */
  private static final Map<String, String> BESIDE =
      Map.of(
          "Container.restartPolicyRules", "{\"restartPolicy\": \"Never\"}",
          "SeccompProfile.localhostProfile", "{\"type\": \"Localhost\"}",
          "AppArmorProfile.localhostProfile", "{\"type\": \"Localhost\"}");

  private final List<String> wrong = new ArrayList<>();
  private int fields;

  @Test
  void everyFieldIsMeantOrHasNoEffectOrIsRefused() throws ReflectiveOperationException {
    JsonObject base = JsonParser.parseString(BASE).getAsJsonObject();
    walk(POD, base, new ArrayList<>(), 0);
    assertThat(wrong).isEmpty();
    // The API grows; a walk that finds much less has lost its way.
    assertThat(fields).isGreaterThan(400);
  }

  /** Where an object is: keys and indexes from the root. */
  private void walk(Class<?> type, JsonObject base, List<Object> at, int depth)
      throws ReflectiveOperationException {
    if (depth > 9) {
      return;
    }
    misspelt(base, at);
    for (Field field : type.getDeclaredFields()) {
      String name = field.getName();
      if (Modifier.isStatic(field.getModifiers()) || name.equals("additionalProperties")) {
        continue;
      }
      if (depth == 0 && Set.of("apiVersion", "kind").contains(name)) {
        continue;
      }
      fields++;
      JsonObject manifest = base.deepCopy();
      JsonObject object = at(manifest, at).getAsJsonObject();
      Set<String> either = EITHER.getOrDefault(type.getSimpleName(), Set.of());
      if (either.contains(name)) {
        either.stream().filter(other -> !other.equals(name)).forEach(object::remove);
      }
      String key = type.getSimpleName() + "." + name;
      JsonParser.parseString(BESIDE.getOrDefault(key, "{}"))
          .getAsJsonObject()
          .entrySet()
          .forEach(entry -> object.add(entry.getKey(), entry.getValue()));
      JsonObject without = manifest.deepCopy();
      Class<?> inner = inner(field.getGenericType());
      boolean isObject = isObject(inner);
      boolean there = object.has(name) && isObject;
      at(without, at).getAsJsonObject().remove(name);
      if (!there) {
        object.add(name, sample(key, field.getGenericType()));
      }
      List<Object> path = new ArrayList<>(at);
      path.add(name);
      boolean empty = object.get(name) instanceof JsonObject sample && sample.isEmpty();
      boolean refused = judge(manifest, without, path, name, there || empty);
      if (isObject && !refused) {
        if (object.get(name) instanceof JsonArray) {
          path.add(0);
        }
        walk(inner, manifest, path, depth + 1);
      }
    }
  }

  /** True if it is refused. */
  private boolean judge(
      JsonObject manifest, JsonObject without, List<Object> at, String name, boolean there) {
    String path = text(at);
    String text = GSON.toJson(manifest);
    Manifest read;
    try {
      read = Manifest.parse("pod.json", text);
    } catch (ManifestException e) {
      Problem problem = e.problems().getFirst();
      boolean byPath = problem.message().startsWith(path) || path.startsWith(beginning(problem));
      boolean byLine = text.lines().toList().get(problem.line() - 1).contains("\"" + name + "\"");
      boolean withReason =
          problem
              .message()
              .matches("(?s).*(is refused: .{10}|: must be 1 for|ends no container).*");
      if (!byPath || !byLine || !withReason) {
        wrong.add(path + " is refused with: " + e.getMessage());
      }
      return true;
    }
    if (there || read.unused().stream().anyMatch(path::startsWith)) {
      return false;
    }
    try {
      Pod before = pod(Manifest.parse("without.json", GSON.toJson(without)));
      if (pod(read).equals(before)) {
        wrong.add(path + " is taken and changes nothing, and nothing is said of it");
      }
    } catch (ManifestException e) {
      return false; // It is needed, so it is meant.
    }
    return false;
  }

  private static String beginning(Problem problem) {
    return problem.message().replaceFirst(":.*", "");
  }

  private void misspelt(JsonObject base, List<Object> at) {
    String path = text(at);
    JsonObject manifest = base.deepCopy();
    at(manifest, at).getAsJsonObject().addProperty("noSuchField", "x");
    ManifestException e =
        catchThrowableOfType(
            ManifestException.class, () -> Manifest.parse("pod.json", GSON.toJson(manifest)));
    boolean free = path.endsWith("labels") || path.equals("status") || path.endsWith("fieldsV1");
    if (e == null ? !free : !e.toString().contains("noSuchField: unknown field")) {
      wrong.add(path + ".noSuchField is not refused as unknown: " + e);
    }
  }

  private static Pod pod(Manifest manifest) {
    return ((Document.OfPod) manifest.documents().getFirst()).pod();
  }

  private static JsonElement at(JsonElement root, List<Object> path) {
    JsonElement found = root;
    for (Object step : path) {
      found =
          step instanceof Integer index
              ? found.getAsJsonArray().get(index)
              : found.getAsJsonObject().get((String) step);
    }
    return found;
  }

  private static String text(List<Object> path) {
    StringBuilder text = new StringBuilder();
    for (Object step : path) {
      if (step instanceof Integer) {
        text.append('[').append(step).append(']');
      } else {
        text.append(text.isEmpty() ? "" : ".").append(step);
      }
    }
    return text.toString();
  }

  /** What a list is of, or the type itself. */
  private static Class<?> inner(Type type) {
    if (type instanceof ParameterizedType parameterized
        && parameterized.getRawType().equals(List.class)) {
      return inner(parameterized.getActualTypeArguments()[0]);
    }
    return type instanceof Class<?> plain ? plain : Map.class;
  }

  private static boolean isObject(Class<?> type) {
    return type.getName().startsWith("io.fabric8")
        && !Set.of(Quantity.class, IntOrString.class, PodStatus.class).contains(type);
  }

  private static JsonElement sample(String key, Type type) {
    String given = SAMPLES.get(key);
    if (given != null) {
      return JsonParser.parseString(given);
    }
    if (type instanceof ParameterizedType parameterized) {
      if (parameterized.getRawType().equals(List.class)) {
        JsonArray array = new JsonArray();
        array.add(sample("", parameterized.getActualTypeArguments()[0]));
        return array;
      }
      boolean amounts = parameterized.getActualTypeArguments()[1].equals(Quantity.class);
      return JsonParser.parseString(amounts ? "{\"cpu\": \"1\"}" : "{\"k\": \"v\"}");
    }
    Class<?> plain = (Class<?>) type;
    if (plain == String.class || plain == Quantity.class) {
      return new JsonPrimitive(plain == String.class ? "x" : "7");
    }
    if (plain == Boolean.class) {
      return new JsonPrimitive(true);
    }
    if (Number.class.isAssignableFrom(plain)) {
      return new JsonPrimitive(7);
    }
    return JsonParser.parseString(LEAST.getOrDefault(plain.getSimpleName(), "{}"));
  }
}
