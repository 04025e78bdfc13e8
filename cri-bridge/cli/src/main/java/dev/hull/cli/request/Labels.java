package dev.hull.cli.request;

import dev.hull.cli.pod.Pod;
import java.util.LinkedHashMap;
import java.util.Map;

/** Labels that tools which read CRI expect of every kubelet, and by which pods are found again. */
public final class Labels {
  public static final String POD_NAME = "io.kubernetes.pod.name";
  public static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
  public static final String POD_UID = "io.kubernetes.pod.uid";
  public static final String CONTAINER_NAME = "io.kubernetes.container.name";

  private Labels() {}

  static Map<String, String> of(Pod pod, String uid) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(POD_NAME, pod.name());
    labels.put(POD_NAMESPACE, pod.namespace());
    labels.put(POD_UID, uid);
    return labels;
  }
}
