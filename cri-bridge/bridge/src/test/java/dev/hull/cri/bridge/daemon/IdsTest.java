package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every call that is about one sandbox or container, by an id that is strange, or cut short. */
final class IdsTest {
  /** What CRI wants to be OK also where there is nothing left to do. */
  private static final Set<String> IDEMPOTENT =
      Set.of("StopPodSandbox", "RemovePodSandbox", "StopContainer", "RemoveContainer");

  private static final Set<String> CHECKPOINTS = Set.of("CheckpointContainer", "CheckpointPod");

  /** How far a call comes with the id of a container that has not been started. */
  private static final Set<String> WANT_A_RUNNING_ONE =
      Set.of("ExecSync", "Exec", "Attach", "ReopenContainerLog");

  @TempDir Path folder;
  private TestDaemon daemon;

  @BeforeEach
  void start() throws Exception {
    daemon = new TestDaemon(folder);
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  private static List<MethodDescriptor<?, ?>> methodsWith(String field) {
    return Methods.all().stream()
        .filter(method -> method.getType() == MethodType.UNARY)
        .filter(
            method -> Methods.request(method).getDescriptorForType().findFieldByName(field) != null)
        .toList();
  }

  private Status.Code outcome(MethodDescriptor<?, ?> method, String field, String id) {
    Message.Builder request = Methods.request(method).newBuilderForType();
    request.setField(request.getDescriptorForType().findFieldByName(field), id);
    FieldDescriptor cmd = request.getDescriptorForType().findFieldByName("cmd");
    if (cmd != null) {
      request.addRepeatedField(cmd, "echo");
    }
    FieldDescriptor stdout = request.getDescriptorForType().findFieldByName("stdout");
    if (stdout != null) {
      request.setField(stdout, true);
    }
    try {
      Methods.call(daemon.runtime().getChannel(), method, request.build());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static String name(MethodDescriptor<?, ?> method) {
    return String.valueOf(method.getBareMethodName());
  }

  private static Status.Code ofStrange(String method) {
    if (IDEMPOTENT.contains(method)) {
      return Status.Code.OK;
    }
    return CHECKPOINTS.contains(method) ? Status.Code.UNIMPLEMENTED : Status.Code.NOT_FOUND;
  }

  @Test
  void strangeIdsAreNotFoundAndNoIdIsNoneOfThem() {
    TreeMap<String, Status.Code> wrong = new TreeMap<>();
    for (String field : List.of("pod_sandbox_id", "container_id")) {
      assertThat(methodsWith(field)).hasSizeGreaterThan(5);
      for (MethodDescriptor<?, ?> method : methodsWith(field)) {
        for (String id : List.of("abc", "", "../../etc", "f".repeat(64))) {
          Status.Code code = outcome(method, field, id);
          if (code != ofStrange(name(method))) {
            wrong.put(name(method) + " '" + id + "'", code);
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void anIdMayBeCutShortInEveryCall() {
    TreeMap<String, Status.Code> wrong = new TreeMap<>();
    for (MethodDescriptor<?, ?> method : methodsWith("container_id")) {
      String pod = daemon.run("pod-of-" + name(method).toLowerCase(Locale.ROOT));
      String id = daemon.create(pod, "one", "sleep");
      Status.Code code = outcome(method, "container_id", id.substring(0, 13));
      Status.Code expected =
          WANT_A_RUNNING_ONE.contains(name(method))
              ? Status.Code.FAILED_PRECONDITION
              : CHECKPOINTS.contains(name(method)) ? Status.Code.UNIMPLEMENTED : Status.Code.OK;
      if (code != expected) {
        wrong.put(name(method), code);
      }
    }
    for (MethodDescriptor<?, ?> method : methodsWith("pod_sandbox_id")) {
      if (name(method).equals("CreateContainer")) {
        continue;
      }
      String pod = daemon.run("own-" + name(method).toLowerCase(Locale.ROOT));
      Status.Code code = outcome(method, "pod_sandbox_id", pod.substring(0, 13));
      if (code
          != (CHECKPOINTS.contains(name(method)) ? Status.Code.UNIMPLEMENTED : Status.Code.OK)) {
        wrong.put(name(method), code);
      }
    }
    assertThat(wrong).isEmpty();
  }
}
