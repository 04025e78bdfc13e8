package dev.hull.vm.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class HostDescriptionTest {
  @Test
  void confinementsAreAllModelsButThatOfUsersAndGroups() {
    assertThat(
            HostDescription.parse(
                    """
                    <capabilities><host>
                      <secmodel><model>apparmor</model><doi>0</doi></secmodel>
                      <secmodel><model>dac</model><doi>0</doi>
                        <baselabel type='kvm'>+64055:+109</baselabel></secmodel>
                    </host></capabilities>
                    """)
                .confinements())
        .containsExactly("apparmor");
  }
}
