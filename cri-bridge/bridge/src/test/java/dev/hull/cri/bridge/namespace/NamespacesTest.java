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
  private static final IDMapping FROM_ROOT =
      IDMapping.newBuilder().setHostId(65536).setLength(100).build();
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
  void usersAreMappedByOneRangeFromRootOn() {
    assertThat(UserNamespaces.of(OF_A_KUBELET)).isEmpty();
    assertThat(UserNamespaces.of(NamespaceOption.getDefaultInstance())).isEmpty();
    assertThat(
            UserNamespaces.of(
                users(UserNamespace.newBuilder().addUids(FROM_ROOT).addGids(FROM_ROOT)).build()))
        .contains(
            new dev.hull.vm.UserNamespace(
                new dev.hull.vm.UserNamespace.Range(65536, 100),
                new dev.hull.vm.UserNamespace.Range(65536, 100)));
    refused(users(UserNamespace.newBuilder().setMode(NamespaceMode.CONTAINER)), "use POD");
    refused(users(UserNamespace.newBuilder().setMode(NamespaceMode.TARGET)), "use POD");
    refused(
        users(UserNamespace.newBuilder().addUids(FROM_ROOT)), "there must be one mapping, are 0");
    refused(
        users(UserNamespace.newBuilder().addUids(FROM_ROOT).addUids(FROM_ROOT).addGids(FROM_ROOT)),
        "there must be one mapping, are 2");
    refused(
        users(
            UserNamespace.newBuilder()
                .addUids(FROM_ROOT.toBuilder().setContainerId(1))
                .addGids(FROM_ROOT)),
        "the mapping must begin at container_id 0");
    refused(
        users(
            UserNamespace.newBuilder()
                .addUids(FROM_ROOT.toBuilder().setHostId(0))
                .addGids(FROM_ROOT)),
        "ids of a user namespace must be from 1 to 4294967294, are 100 from 0 on");
  }

  @Test
  void aContainerIsInTheNamespaceOfItsPod() {
    NamespaceOption pod =
        users(UserNamespace.newBuilder().addUids(FROM_ROOT).addGids(FROM_ROOT)).build();
    UserNamespaces.demandOfPod(pod, pod);
    UserNamespaces.demandOfPod(NamespaceOption.getDefaultInstance(), pod);
    UserNamespaces.demandOfPod(OF_A_KUBELET, NamespaceOption.getDefaultInstance());
    for (NamespaceOption[] differing :
        new NamespaceOption[][] {{OF_A_KUBELET, pod}, {pod, OF_A_KUBELET}}) {
      assertThatThrownBy(() -> UserNamespaces.demandOfPod(differing[0], differing[1]))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("differs from that of the sandbox");
    }
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
