package dev.hull.cri.bridge.seccomp;

import static dev.hull.cri.bridge.seccomp.FilterMachine.ALLOW;
import static dev.hull.cri.bridge.seccomp.FilterMachine.ENOSYS;
import static dev.hull.cri.bridge.seccomp.FilterMachine.EPERM;
import static dev.hull.cri.bridge.seccomp.FilterMachine.KILL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.v1.LinuxContainerSecurityContext;
import dev.hull.cri.v1.SecurityProfile;
import dev.hull.cri.v1.SecurityProfile.ProfileType;
import dev.hull.vm.SystemCallFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SeccompProfilesTest {
  private static final int READ = 0;
  private static final int SOCKET = 41;
  private static final int CLONE = 56;
  private static final int CHMOD = 90;
  private static final int PERSONALITY = 135;
  private static final int OPENAT = 257;
  private static final int UNSHARE = 272;
  private static final int CLONE3 = 435;
  private static final int X86 = 0x4000_0003;
  private static final long CLONE_NEWUSER = 0x1000_0000L;

  @TempDir Path folder;

  private static final SeccompProfiles PROFILES = new SeccompProfiles();

  private static LinuxContainerSecurityContext.Builder of(ProfileType type) {
    return LinuxContainerSecurityContext.newBuilder()
        .setSeccomp(SecurityProfile.newBuilder().setProfileType(type));
  }

  private static FilterMachine standard(String... capabilities) {
    return new FilterMachine(
        PROFILES.filter(of(ProfileType.RuntimeDefault).build(), List.of(capabilities)));
  }

  private FilterMachine local(String json) {
    return new FilterMachine(PROFILES.filter(localhost(json), List.of()));
  }

  private LinuxContainerSecurityContext localhost(String json) {
    try {
      Path file = Files.writeString(folder.resolve("profile.json"), json);
      return LinuxContainerSecurityContext.newBuilder()
          .setSeccomp(
              SecurityProfile.newBuilder()
                  .setProfileType(ProfileType.Localhost)
                  .setLocalhostRef(file.toString()))
          .build();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theDefaultLetsOrdinaryCallsPass() {
    FilterMachine filter = standard();
    for (int call : new int[] {READ, OPENAT, CHMOD, 1, 9, 59, 202, 231, 318, 332}) {
      assertThat(filter.call(call)).as("call " + call).isEqualTo(ALLOW);
    }
    // i386's programs have their own numbers: 5 is open.
    assertThat(filter.run(X86, 5)).isEqualTo(ALLOW);
  }

  @ParameterizedTest
  @CsvSource({
    "mount,165",
    "umount2,166",
    "pivot_root,155",
    "unshare,272",
    "setns,308",
    "keyctl,250",
    "add_key,248",
    "request_key,249",
    "bpf,321",
    "perf_event_open,298",
    "kexec_load,246",
    "init_module,175",
    "finit_module,313",
    "delete_module,176",
    "reboot,169",
    "swapon,167",
    "acct,163",
    "settimeofday,164",
    "clock_settime,227",
    "iopl,172",
    "ioperm,173",
    "open_by_handle_at,304",
    "userfaultfd,323",
    "kcmp,312",
    "quotactl,179",
    "syslog,103",
    "fsopen,430",
    "fsmount,432",
    "move_mount,429",
    "open_tree,428",
    "mount_setattr,442",
    "io_uring_setup,425",
    "pidfd_getfd,438",
    "sethostname,170",
    "fanotify_init,300",
    "lookup_dcookie,212",
    "mbind,237",
    "uselib,134",
    "ustat,136",
    "sysfs,139",
    "vhangup,153"
  })
  void theDefaultRefusesWhatReachesBeyondAContainer(String name, int number) {
    assertThat(standard().call(number)).as(name).isEqualTo(EPERM);
  }

  @ParameterizedTest
  @CsvSource({
    "SYS_ADMIN,165", "SYS_ADMIN,272", "SYS_ADMIN,321", "SYS_ADMIN,435", "SYS_CHROOT,161",
    "SYS_MODULE,313", "SYS_BOOT,169", "SYS_TIME,227", "SYS_PTRACE,312", "SYS_RAWIO,172",
    "DAC_READ_SEARCH,304", "SYSLOG,103", "BPF,321", "PERFMON,298", "SYS_NICE,237",
    "SYS_TTY_CONFIG,153", "SYS_PACCT,163"
  })
  void aCapabilityBringsTheCallsThatItIsFor(String capability, int number) {
    assertThat(standard().call(number)).isNotEqualTo(ALLOW);
    assertThat(standard(capability).call(number)).isEqualTo(ALLOW);
  }

  @Test
  void theDefaultLooksAtArguments() {
    FilterMachine filter = standard();
    assertThat(filter.call(CLONE, 0x11)).isEqualTo(ALLOW);
    assertThat(filter.call(CLONE, CLONE_NEWUSER | 0x11)).isEqualTo(EPERM);
    assertThat(standard("SYS_ADMIN").call(CLONE, CLONE_NEWUSER)).isEqualTo(ALLOW);
    assertThat(filter.call(SOCKET, 2)).isEqualTo(ALLOW);
    assertThat(filter.call(SOCKET, 40)).as("AF_VSOCK").isEqualTo(EPERM);
    assertThat(filter.call(PERSONALITY, 0xffff_ffffL)).isEqualTo(ALLOW);
    assertThat(filter.call(PERSONALITY, 0x0040_0000)).as("ADDR_NO_RANDOMIZE").isEqualTo(EPERM);
  }

  @Test
  void callsThatAreNewerThanTheProfileAreAsIfTheyWereNotThere() {
    assertThat(standard().call(CLONE3)).as("so that the C library takes clone").isEqualTo(ENOSYS);
    assertThat(standard().call(600)).isEqualTo(ENOSYS);
    assertThat(standard().run(X86, 600)).isEqualTo(ENOSYS);
    assertThat(standard().call(-1)).as("a tracer's way to skip a call").isNotEqualTo(ENOSYS);
  }

  @Test
  void programsOfStrangeArchitecturesAreKilled() {
    assertThat(standard().run(0xC000_00B7, READ)).isEqualTo(KILL);
  }

  @Test
  void aLocalProfileIsCompiledAsItStands() {
    FilterMachine filter =
        local(
            """
            {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [
               {"names": ["chmod", "no_such_call"], "action": "SCMP_ACT_ERRNO"},
               {"names": ["unshare"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38},
               {"names": ["read"], "action": "SCMP_ACT_KILL_PROCESS",
                "args": [{"index": 0, "value": 5, "op": "SCMP_CMP_EQ"},
                         {"index": 2, "value": 10, "op": "SCMP_CMP_GT"}]},
               {"names": ["openat"], "action": "SCMP_ACT_TRAP",
                "args": [{"index": 1, "value": 1, "op": "SCMP_CMP_EQ"},
                         {"index": 1, "value": 18446744073709551615, "op": "SCMP_CMP_EQ"}]}]}
            """);
    assertThat(filter.call(CHMOD)).isEqualTo(EPERM);
    assertThat(filter.call(UNSHARE)).isEqualTo(ENOSYS);
    assertThat(filter.call(READ, 5, 0, 11)).isEqualTo(0x8000_0000);
    assertThat(filter.call(READ, 5, 0, 10)).isEqualTo(ALLOW);
    assertThat(filter.call(READ, 6, 0, 11)).isEqualTo(ALLOW);
    assertThat(filter.call(OPENAT, 0, 1)).isEqualTo(0x0003_0000);
    assertThat(filter.call(OPENAT, 0, -1)).isEqualTo(0x0003_0000);
    assertThat(filter.call(OPENAT, 0, 2)).isEqualTo(ALLOW);
    assertThat(filter.call(600)).as("allowed as all that is not named").isEqualTo(ALLOW);
  }

  @Test
  void dockersGuardsOfRulesAreKept() {
    FilterMachine filter =
        local(
            """
            {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 13,
             "archMap": [{"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": null}],
             "syscalls": [
               {"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["amd64"]}},
               {"names": ["chmod"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm64"]}},
               {"name": "openat", "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
               {"names": ["unshare"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "99.0"}},
               {"names": ["clone3"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_CHOWN"]}}]}
            """);
    assertThat(filter.call(READ)).isEqualTo(ALLOW);
    assertThat(filter.call(OPENAT)).isEqualTo(ALLOW);
    for (int refused : new int[] {CHMOD, UNSHARE, CLONE3}) {
      assertThat(filter.call(refused)).isEqualTo(0x0005_000d);
    }
    assertThat(filter.run(X86, 5)).as("not among its architectures").isEqualTo(KILL);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]|is not as profiles are: it is no object",
        "{|is no JSON",
        "{}|has no defaultAction",
        "{'defaultAction': 'SCMP_ACT_FLY'}|has an action that there is not: SCMP_ACT_FLY",
        "{'defaultAction': 'SCMP_ACT_NOTIFY'}|cannot answer for the guest's kernel",
        "{'defaultAction': 'SCMP_ACT_ALLOW', 'listenerPath': '/x'}|has a listenerPath",
        "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscals': []}|a field that no profile has: syscals",
        "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read']}]}|has no syscalls[0].action",
        "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'action': 'SCMP_ACT_KILL'}]}|a rule without names: syscalls[0]",
        "{'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 70000}|not 0 to 65535: 70000",
        "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_KILL', 'args': [{'index': 6, 'op': 'SCMP_CMP_EQ'}]}]}|syscalls[0].args[0].index is 6",
        "{'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['read'], 'action': 'SCMP_ACT_KILL', 'args': [{'index': 1, 'op': 'SCMP_CMP_IN'}]}]}|syscalls[0].args[0].op is SCMP_CMP_IN",
      },
      quoteCharacter = '"')
  void aBadProfileIsRefusedWithItsPlace(String json, String says) {
    assertThatThrownBy(() -> local(json.replace('\'', '"')))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining("the seccomp profile " + folder.resolve("profile.json") + " ")
        .hasMessageContaining(says);
  }

  @Test
  void aProfileThatCannotBeReadIsRefused() throws Exception {
    refusedPath(folder.resolve("none").toString(), "there is no seccomp profile");
    refusedPath("relative.json", "must be the absolute path of a profile");
    refusedPath("", "must be the absolute path of a profile");
    refusedPath(folder.toString(), "there is no seccomp profile");
    Path large = folder.resolve("large");
    Files.write(large, new byte[(1 << 20) + 1]);
    refusedPath(large.toString(), "has more than 1 MiB");
  }

  private void refusedPath(String path, String says) {
    LinuxContainerSecurityContext security =
        LinuxContainerSecurityContext.newBuilder()
            .setSeccomp(
                SecurityProfile.newBuilder()
                    .setProfileType(ProfileType.Localhost)
                    .setLocalhostRef(path))
            .build();
    assertThatThrownBy(() -> PROFILES.filter(security, List.of()))
        .isInstanceOf(Refusal.class)
        .hasMessageContaining(says);
  }

  @Test
  void nothingIsFilteredWithoutAWordOfItOrIfPrivileged() {
    assertThat(PROFILES.filter(LinuxContainerSecurityContext.getDefaultInstance(), List.of()))
        .isEqualTo(SystemCallFilter.NONE);
    assertThat(PROFILES.filter(of(ProfileType.Unconfined).build(), List.of()))
        .isEqualTo(SystemCallFilter.NONE);
    LinuxContainerSecurityContext privileged =
        of(ProfileType.Localhost).setPrivileged(true).build();
    assertThat(PROFILES.filter(privileged, List.of())).isEqualTo(SystemCallFilter.NONE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"runtime/default", "docker/default"})
  @SuppressWarnings("deprecation")
  void theDeprecatedFieldMeansTheSame(String value) {
    var security = LinuxContainerSecurityContext.newBuilder().setSeccompProfilePath(value);
    assertThat(PROFILES.filter(security.build(), List.of())).isEqualTo(standard().filter());
  }

  @Test
  @SuppressWarnings("deprecation")
  void theDeprecatedFieldNamesLocalProfilesToo() throws Exception {
    Path file = Files.writeString(folder.resolve("p"), "{\"defaultAction\": \"SCMP_ACT_ERRNO\"}");
    var security = LinuxContainerSecurityContext.newBuilder();
    FilterMachine filter =
        new FilterMachine(
            PROFILES.filter(
                security.setSeccompProfilePath("localhost/" + file).build(), List.of()));
    assertThat(filter.call(READ)).isEqualTo(EPERM);
    assertThatThrownBy(
            () -> PROFILES.filter(security.setSeccompProfilePath("nonsense").build(), List.of()))
        .hasMessageContaining("seccomp_profile_path must be empty, unconfined");
  }

  @Test
  void aFileThatHasChangedIsCompiledAnew() {
    assertThat(local("{\"defaultAction\": \"SCMP_ACT_ALLOW\"}").call(READ)).isEqualTo(ALLOW);
    assertThat(local("{\"defaultAction\": \"SCMP_ACT_ERRNO\"}").call(READ)).isEqualTo(EPERM);
  }
}
