package dev.hull.agent.process;

import dev.hull.agent.io.OutputFlow;
import dev.hull.agent.io.OutputLine;
import dev.hull.guest.v1.ExecRequest;
import dev.hull.guest.v1.ExecResponse;
import dev.hull.guest.v1.ForgetProcessRequest;
import dev.hull.guest.v1.ForgetProcessResponse;
import dev.hull.guest.v1.InputRequest;
import dev.hull.guest.v1.InputResponse;
import dev.hull.guest.v1.OutputRequest;
import dev.hull.guest.v1.OutputResponse;
import dev.hull.guest.v1.ProcessExit;
import dev.hull.guest.v1.ProcessesGrpc;
import dev.hull.guest.v1.ResizeRequest;
import dev.hull.guest.v1.ResizeResponse;
import dev.hull.guest.v1.SignalProcessRequest;
import dev.hull.guest.v1.SignalProcessResponse;
import dev.hull.guest.v1.WaitProcessRequest;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** Processes and their standard streams, for the host. */
public final class ProcessesService extends ProcessesGrpc.ProcessesImplBase {
  private static final int MAX_INPUT_BYTES = 64 * 1024;
  private static final int MAX_SIGNAL = 64;
  private static final int MAX_SIDE = 65535;

  private final ProcessDirectory processes;
  private final OutputLine line;

  public ProcessesService(ProcessDirectory processes, OutputLine line) {
    this.processes = processes;
    this.line = line;
  }

  @Override
  public void exec(ExecRequest request, StreamObserver<ExecResponse> answer) {
    RunningProcess process = processes.exec(request.getRef(), request.getProcess());
    Answers.send(answer, ExecResponse.newBuilder().setPid(process.pid()).build());
  }

  @Override
  public void output(OutputRequest request, StreamObserver<OutputResponse> answer) {
    ServerCallStreamObserver<OutputResponse> call =
        (ServerCallStreamObserver<OutputResponse>) answer;
    OutputFlow flow =
        new OutputFlow(
            processes.find(request.getRef()).output(),
            request.getLine(),
            request.getFlow(),
            request.getOffset(),
            new OutputCall(call));
    call.setOnCancelHandler(() -> line.leave(flow));
    line.begin(flow);
  }

  @Override
  public void input(InputRequest request, StreamObserver<InputResponse> answer) {
    if (request.getData().size() > MAX_INPUT_BYTES) {
      throw Status.INVALID_ARGUMENT
          .withDescription("input of more than 64 KiB at once; send it in pieces")
          .asRuntimeException();
    }
    Answers.sendWhen(
        answer,
        processes.find(request.getRef()).write(request.getData(), request.getClose()),
        done -> InputResponse.getDefaultInstance());
  }

  @Override
  public void resize(ResizeRequest request, StreamObserver<ResizeResponse> answer) {
    RunningProcess process = processes.find(request.getRef());
    if (!process.terminal()) {
      throw Status.FAILED_PRECONDITION
          .withDescription("the process has no terminal")
          .asRuntimeException();
    }
    Answers.sendWhen(
        answer,
        process.resize(side(request.getColumns()), side(request.getRows())),
        done -> ResizeResponse.getDefaultInstance());
  }

  @Override
  public void signal(SignalProcessRequest request, StreamObserver<SignalProcessResponse> answer) {
    processes.find(request.getRef()).signalGroup(checkSignal(request.getSignal()));
    Answers.send(answer, SignalProcessResponse.getDefaultInstance());
  }

  @Override
  public void wait(WaitProcessRequest request, StreamObserver<ProcessExit> answer) {
    Answers.sendWhen(
        answer,
        processes.find(request.getRef()).exitCode(),
        code -> ProcessExit.newBuilder().setExitCode(code).build());
  }

  @Override
  public void forget(ForgetProcessRequest request, StreamObserver<ForgetProcessResponse> answer) {
    processes.forget(request.getRef());
    Answers.send(answer, ForgetProcessResponse.getDefaultInstance());
  }

  /** The signal, if there is one of this number. */
  public static int checkSignal(int signal) {
    if (signal < 1 || signal > MAX_SIGNAL) {
      throw Status.INVALID_ARGUMENT
          .withDescription("signals are 1 to 64, not " + Integer.toUnsignedString(signal))
          .asRuntimeException();
    }
    return signal;
  }

  private static int side(int size) {
    if (size < 0 || size > MAX_SIDE) {
      throw Status.INVALID_ARGUMENT
          .withDescription(
              "a terminal has at most 65535 rows and columns, not "
                  + Integer.toUnsignedString(size))
          .asRuntimeException();
    }
    return size;
  }
}
