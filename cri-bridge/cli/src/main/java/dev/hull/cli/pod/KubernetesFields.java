package dev.hull.cli.pod;

import java.util.Set;

/**
 * Names of the published Pod API that Hull does not support yet. They are told apart from
 * misspellings, and refused by their path.
 */
final class KubernetesFields {
  private KubernetesFields() {}

  static final Set<String> METADATA =
      Set.of(
          "creationTimestamp",
          "deletionGracePeriodSeconds",
          "deletionTimestamp",
          "finalizers",
          "generateName",
          "generation",
          "managedFields",
          "ownerReferences",
          "resourceVersion",
          "selfLink");

  static final Set<String> SPEC =
      Set.of(
          "activeDeadlineSeconds",
          "affinity",
          "automountServiceAccountToken",
          "dnsConfig",
          "enableServiceLinks",
          "ephemeralContainers",
          "hostAliases",
          "hostIPC",
          "hostNetwork",
          "hostPID",
          "hostUsers",
          "hostname",
          "hostnameOverride",
          "imagePullSecrets",
          "initContainers",
          "nodeName",
          "nodeSelector",
          "os",
          "overhead",
          "preemptionPolicy",
          "priority",
          "priorityClassName",
          "readinessGates",
          "resourceClaims",
          "runtimeClassName",
          "schedulerName",
          "schedulingGates",
          "serviceAccount",
          "serviceAccountName",
          "setHostnameAsFQDN",
          "shareProcessNamespace",
          "subdomain",
          "tolerations",
          "topologySpreadConstraints",
          "workloadRef");

  static final Set<String> CONTAINER =
      Set.of(
          "envFrom",
          "lifecycle",
          "livenessProbe",
          "readinessProbe",
          "resizePolicy",
          "restartPolicy",
          "restartPolicyRules",
          "startupProbe",
          "stdin",
          "stdinOnce",
          "terminationMessagePath",
          "terminationMessagePolicy",
          "tty",
          "volumeDevices");

  /** In both places `kubectl --dry-run -o yaml` writes these as empty mappings. */
  static final Set<String> OFTEN_EMPTY = Set.of("resources", "securityContext");

  static final Set<String> VOLUME =
      Set.of(
          "awsElasticBlockStore",
          "azureDisk",
          "azureFile",
          "cephfs",
          "cinder",
          "configMap",
          "csi",
          "downwardAPI",
          "ephemeral",
          "fc",
          "flexVolume",
          "flocker",
          "gcePersistentDisk",
          "gitRepo",
          "glusterfs",
          "image",
          "iscsi",
          "nfs",
          "persistentVolumeClaim",
          "photonPersistentDisk",
          "portworxVolume",
          "projected",
          "quobyte",
          "rbd",
          "scaleIO",
          "secret",
          "storageos",
          "vsphereVolume");

  static final Set<String> VOLUME_MOUNT =
      Set.of("mountPropagation", "recursiveReadOnly", "subPath", "subPathExpr");
}
