package dev.hull.cri.bridge.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.cri.bridge.call.Refusal;
import dev.hull.cri.bridge.store.ContainerFolders;
import dev.hull.cri.bridge.store.Names;
import dev.hull.cri.bridge.store.Pods;
import dev.hull.cri.bridge.store.Sandbox;
import dev.hull.cri.v1.PodSandboxConfig;
import dev.hull.images.Images;
import dev.hull.vm.FakeMachines;
import dev.hull.vm.MachineId;
import dev.hull.vm.MachineSize;
import dev.hull.vm.MachineSpec;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TicketsTest {
  private Instant now = Instant.EPOCH;
  private Pods pods;
  private Tickets tickets;
  private Ticket ticket;

  @BeforeEach
  void start() {
    Images none =
        (Images)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {Images.class},
                (proxy, method, arguments) -> {
                  throw new AssertionError("no images here");
                });
    pods =
        new Pods(new ContainerFolders(Path.of("/nowhere"), none), new Names(), Clock.systemUTC());
    MachineSpec spec =
        new MachineSpec(
            MachineId.random(new Random(1)),
            "pod",
            "default",
            "uid",
            "pod",
            new MachineSize(1, 256),
            MachineSpec.Dns.NONE,
            List.of(),
            MachineSpec.Bandwidth.UNBOUNDED,
            Map.of(),
            Optional.empty(),
            1 << 20);
    Sandbox sandbox =
        new Sandbox(
            PodSandboxConfig.getDefaultInstance(),
            "",
            0,
            new FakeMachines(Clock.systemUTC()).start(spec, new byte[0]));
    pods.add(sandbox);
    ticket = new Ticket.PortForward(sandbox, List.of());
    tickets = new Tickets(pods, new Random(1), () -> now);
  }

  @Test
  void aTicketIsRedeemedOnceByItsOwnVerb() {
    String token = tickets.issue(ticket);
    assertThat(tickets.redeem("exec", token)).isEmpty();
    assertThat(tickets.redeem("portforward", token)).contains(ticket);
    assertThat(tickets.redeem("portforward", token)).isEmpty();
    assertThat(tickets.redeem("portforward", "")).isEmpty();
  }

  @Test
  void aTicketExpiresAfterAMinute() {
    String token = tickets.issue(ticket);
    now = now.plus(Tickets.LIFE).minusNanos(1);
    String later = tickets.issue(ticket);
    assertThat(tickets.redeem("portforward", later)).isPresent();
    now = now.plusNanos(1);
    assertThat(tickets.redeem("portforward", token)).isEmpty();
  }

  @Test
  void aTicketOfARemovedSandboxIsWorthNothing() {
    String token = tickets.issue(ticket);
    pods.sandboxes().forEach(pods::forget);
    assertThat(tickets.redeem("portforward", token)).isEmpty();
  }

  @Test
  void thereAreOnlySoManyAtATime() {
    Set<String> tokens = new HashSet<>();
    for (int i = 0; i < Tickets.MOST; i++) {
      tokens.add(tickets.issue(ticket));
    }
    assertThat(tokens).hasSize(Tickets.MOST).allMatch(token -> token.matches("[\\w-]{32}"));
    assertThatThrownBy(() -> tickets.issue(ticket))
        .isInstanceOf(Refusal.class)
        .hasMessage("1000 streaming URLs wait to be used; use them, or try again in a minute");
    now = now.plus(Duration.ofMinutes(1));
    assertThat(tickets.issue(ticket)).isNotEmpty();
  }
}
