package dev.hull.cli.request;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.hull.cli.pod.Container;
import dev.hull.cli.pod.Pod;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Labels and annotations that tools which read CRI expect of every kubelet, and by which pods are
 * found again.
 */
public final class Labels {
  public static final String POD_NAME = "io.kubernetes.pod.name";
  public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
  public static final String POD_UID = "io.kubernetes.pod.uid";
  public static final String CONTAINER_NAME = "io.kubernetes.container.name";

  /** An annotation: a container's ports, as JSON of the Pod's API. */
  public static final String CONTAINER_PORTS = "io.kubernetes.container.ports";

  private Labels() {}

  static String ports(Container container) {
    JsonArray ports = new JsonArray();
    for (Container.Port port : container.ports()) {
      JsonObject one = new JsonObject();
      if (!port.name().isEmpty()) {
        one.addProperty("name", port.name());
      }
      if (port.hostPort() != 0) {
        one.addProperty("hostPort", port.hostPort());
      }
      one.addProperty("containerPort", port.containerPort());
      one.addProperty("protocol", port.protocol().name());
      ports.add(one);
    }
    return ports.toString();
  }

  static Map<String, String> of(Pod pod, String uid) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(POD_NAME, pod.name());
    labels.put(POD_NAMESPACE, pod.namespace());
    labels.put(POD_UID, uid);
    return labels;
  }
}
