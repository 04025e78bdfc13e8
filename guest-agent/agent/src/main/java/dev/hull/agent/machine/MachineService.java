package dev.hull.agent.machine;

import dev.hull.guest.v1.BootStep;
import dev.hull.guest.v1.ConfigureRequest;
import dev.hull.guest.v1.ConfigureResponse;
import dev.hull.guest.v1.DescribeRequest;
import dev.hull.guest.v1.DescribeResponse;
import dev.hull.guest.v1.GrowRequest;
import dev.hull.guest.v1.GrowResponse;
import dev.hull.guest.v1.MachineGrpc;
import dev.hull.guest.v1.PowerOffRequest;
import dev.hull.guest.v1.PowerOffResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/** The Machine service of the guest protocol. Throws; the server's error mapping answers. */
public final class MachineService extends MachineGrpc.MachineImplBase {
  private static final Duration LONGEST_GRACE = Duration.ofHours(1);
  private static final Duration GROWS_WITHIN = Duration.ofSeconds(30);
  private static final int MOST_VCPUS = 8192;

  private final String agentVersion;
  private final BootSteps bootSteps;
  private final SystemFacts facts;
  private final Configurator configurator;
  private final Growth growth;
  private final PowerSwitch powerSwitch;

  public MachineService(
      String agentVersion,
      BootSteps bootSteps,
      SystemFacts facts,
      Configurator configurator,
      Growth growth,
      PowerSwitch powerSwitch) {
    this.agentVersion = agentVersion;
    this.bootSteps = bootSteps;
    this.facts = facts;
    this.configurator = configurator;
    this.growth = growth;
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

  @Override
  public void grow(GrowRequest request, StreamObserver<GrowResponse> answer) {
    if (request.getVcpus() < 1 || request.getVcpus() > MOST_VCPUS) {
      throw new IllegalArgumentException(
          "vcpus must be 1 to %d, is %s"
              .formatted(MOST_VCPUS, Integer.toUnsignedString(request.getVcpus())));
    }
    if (request.getBootedMemoryBytes() < 0 || request.getPluggedMemoryBytes() < 0) {
      throw new IllegalArgumentException("no machine has 2^63 bytes of memory");
    }
    try {
      growth.await(
          request.getVcpus(),
          request.getBootedMemoryBytes(),
          request.getPluggedMemoryBytes(),
          GROWS_WITHIN);
      answer.onNext(GrowResponse.getDefaultInstance());
      answer.onCompleted();
    } catch (TimeoutException e) {
      throw Status.DEADLINE_EXCEEDED
          .withDescription(e.getMessage())
          .withCause(e)
          .asRuntimeException();
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
