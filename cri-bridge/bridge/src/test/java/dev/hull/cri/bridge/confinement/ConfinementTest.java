package dev.hull.cri.bridge.confinement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.SELinuxOption;
import dev.hull.cri.v1.SecurityProfile;
import dev.hull.cri.v1.SecurityProfile.ProfileType;
import io.grpc.Status;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class ConfinementTest {
  @Test
  void whatIsToBeUnconfinedIsAccepted() {
    Confinement.check(SELinuxOption.getDefaultInstance());
    Confinement.check(SELinuxOption.newBuilder().setType("spc_t").build());
    Confinement.check(SecurityProfile.getDefaultInstance());
    Confinement.check(SecurityProfile.newBuilder().setProfileType(ProfileType.Unconfined).build());
    Confinement.check("");
    Confinement.check("unconfined");
    Confinement.check("runtime/default");
  }

  @Test
  void whatIsToConfineIsRefusedWithTheReason() {
    refused(
        () -> Confinement.check(SELinuxOption.newBuilder().setType("container_t").build()),
        "selinux_options is refused: the guest's kernel has no SELinux");
    refused(
        () -> Confinement.check(SELinuxOption.newBuilder().setLevel("s0:c1,c2").build()),
        "selinux_options is refused");
    refused(
        () ->
            Confinement.check(
                SecurityProfile.newBuilder()
                    .setProfileType(ProfileType.Localhost)
                    .setLocalhostRef("mine")
                    .build()),
        "security_context.apparmor is refused: the guest's kernel has no AppArmor");
    refused(() -> Confinement.check("localhost/mine"), "apparmor_profile is refused");
  }

  private static void refused(ThrowingCallable call, String says) {
    assertThatThrownBy(call)
        .hasMessageContaining(says)
        .isInstanceOfSatisfying(
            Refusal.class,
            refusal -> assertThat(refusal.code()).isEqualTo(Status.Code.FAILED_PRECONDITION));
  }
}
