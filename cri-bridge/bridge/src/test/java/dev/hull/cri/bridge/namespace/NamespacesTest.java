package dev.hull.cri.bridge.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.IDMapping;
import dev.hull.cri.v1.NamespaceMode;
import dev.hull.cri.v1.NamespaceOption;
import dev.hull.cri.v1.UserNamespace;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

final class NamespacesTest {
  private static final NamespaceOption OF_A_KUBELET =
      NamespaceOption.newBuilder()
          .setPid(NamespaceMode.CONTAINER)
          .setUsernsOptions(UserNamespace.newBuilder().setMode(NamespaceMode.NODE))
          .build();

  @Test
  void whatAKubeletSaysOfAnOrdinaryPodIsAccepted() {
    Namespaces.check(OF_A_KUBELET);
    Namespaces.check(NamespaceOption.getDefaultInstance());
  }

  @Test
  void thoseOfTheHostAreRefusedWithWhatToDo() {
    refused(
        OF_A_KUBELET.toBuilder().setNetwork(NamespaceMode.NODE),
        "namespace_options.network is refused: NODE is the host's, which nothing in a machine can"
            + " reach; leave hostNetwork out");
    refused(OF_A_KUBELET.toBuilder().setPid(NamespaceMode.NODE), "leave hostPID out");
    refused(OF_A_KUBELET.toBuilder().setIpc(NamespaceMode.NODE), "leave hostIPC out");
  }

  @Test
  void thoseThatContainersShareAreNotDivided() {
    refused(OF_A_KUBELET.toBuilder().setNetwork(NamespaceMode.CONTAINER), "use POD");
    refused(OF_A_KUBELET.toBuilder().setIpc(NamespaceMode.TARGET), "use POD");
  }

  @Test
  void thoseOfUsersAreRefused() {
    refused(users(UserNamespace.newBuilder().setMode(NamespaceMode.CONTAINER)), "use POD");
    refused(users(UserNamespace.newBuilder().setMode(NamespaceMode.TARGET)), "use POD");
    refused(
        users(
            UserNamespace.newBuilder()
                .addUids(IDMapping.newBuilder().setHostId(65536).setLength(65536))),
        "leave hostUsers out");
  }

  private static NamespaceOption.Builder users(UserNamespace.Builder users) {
    return OF_A_KUBELET.toBuilder().setUsernsOptions(users);
  }

  private static void refused(NamespaceOption.Builder options, String says) {
    assertThatThrownBy(() -> Namespaces.check(options.build()))
        .hasMessageContaining(says)
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> assertThat(refusal.code()).isEqualTo(Status.Code.FAILED_PRECONDITION));
  }
}
