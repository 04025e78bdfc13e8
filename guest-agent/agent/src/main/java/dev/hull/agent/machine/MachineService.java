package dev.hull.agent.machine;

import dev.hull.guest.v1.BootStep;
import dev.hull.guest.v1.ConfigureRequest;
import dev.hull.guest.v1.ConfigureResponse;
import dev.hull.guest.v1.DescribeRequest;
import dev.hull.guest.v1.DescribeResponse;
import dev.hull.guest.v1.MachineGrpc;
import dev.hull.guest.v1.PowerOffRequest;
import dev.hull.guest.v1.PowerOffResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** The Machine service of the guest protocol. Throws; the server's error mapping answers. */
public final class MachineService extends MachineGrpc.MachineImplBase {
  private static final Duration LONGEST_GRACE = Duration.ofHours(1);

  private final String agentVersion;
  private final BootSteps bootSteps;
  private final SystemFacts facts;
  private final Configurator configurator;
  private final PowerSwitch powerSwitch;

  public MachineService(
      String agentVersion,
      BootSteps bootSteps,
      SystemFacts facts,
      Configurator configurator,
      PowerSwitch powerSwitch) {
    this.agentVersion = agentVersion;
    this.bootSteps = bootSteps;
    this.facts = facts;
    this.configurator = configurator;
    this.powerSwitch = powerSwitch;
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeResponse> answer) {
    try {
      DescribeResponse.Builder response =
          DescribeResponse.newBuilder()
              .setAgentVersion(agentVersion)
              .setKernelRelease(facts.kernelRelease())
              .setMemoryTotalBytes(facts.memoryTotalBytes())
              .setMemoryAvailableBytes(facts.memoryAvailableBytes())
              .setOnlineCpus(facts.onlineCpus());
      bootSteps
          .all()
          .forEach(
              (name, millis) ->
                  response.addBootSteps(BootStep.newBuilder().setName(name).setAtMillis(millis)));
      answer.onNext(response.build());
      answer.onCompleted();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void configure(ConfigureRequest request, StreamObserver<ConfigureResponse> answer) {
    try {
      configurator.configure(PodIdentity.from(request));
      answer.onNext(ConfigureResponse.getDefaultInstance());
      answer.onCompleted();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Answers first: after the switch nothing can. */
  @Override
  public void powerOff(PowerOffRequest request, StreamObserver<PowerOffResponse> answer) {
    long most = LONGEST_GRACE.toMillis();
    if (request.getGraceMillis() < 0 || request.getGraceMillis() > most) {
      throw new IllegalArgumentException(
          "grace_millis must be 0 to %d, is %s"
              .formatted(most, Long.toUnsignedString(request.getGraceMillis())));
    }
    answer.onNext(PowerOffResponse.getDefaultInstance());
    answer.onCompleted();
    powerSwitch.press(Duration.ofMillis(request.getGraceMillis()));
  }
}
