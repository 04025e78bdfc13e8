package dev.hull.cli.command;

import dev.hull.cli.cri.Cri;
import dev.hull.cli.stream.CommandStream;
import dev.hull.cri.v1.AttachRequest;
import dev.hull.cri.v1.ContainerStatusRequest;
import dev.hull.cri.v1.ExecRequest;
import java.io.IOException;
import picocli.CommandLine.Option;

/** How something in a container is joined to this process's standard streams. */
final class StreamOption {
  @Option(
      names = {"-i", "--stdin"},
      description = "Pass standard input on.")
  boolean stdin;

  @Option(
      names = {"-t", "--tty"},
      description = "Standard input is a terminal there.")
  boolean tty;

  /**
   * Joins a command until it has ended.
   *
   * @return the command's exit code
   * @throws IOException if the connection breaks, or the command could not be run
   */
  int exec(Context context, Cri cri, ExecRequest.Builder command)
      throws IOException, InterruptedException {
    ExecRequest request =
        command.setStdin(stdin).setStdout(true).setStderr(!tty).setTty(tty).build();
    return join(context, cri.runtime(Cri.QUICK, stub -> stub.exec(request)).getUrl());
  }

  /**
   * Joins a container until it has ended.
   *
   * @return the container's exit code
   * @throws IOException if the connection breaks
   */
  int attach(Context context, Cri cri, String id) throws IOException, InterruptedException {
    AttachRequest request =
        AttachRequest.newBuilder()
            .setContainerId(id)
            .setStdin(stdin)
            .setStdout(true)
            .setStderr(!tty)
            .setTty(tty)
            .build();
    int code = join(context, cri.runtime(Cri.QUICK, stub -> stub.attach(request)).getUrl());
    if (code != ExitCodes.OK) {
      return code;
    }
    ContainerStatusRequest status = ContainerStatusRequest.newBuilder().setContainerId(id).build();
    return cri.runtime(Cri.QUICK, stub -> stub.containerStatus(status)).getStatus().getExitCode();
  }

  private int join(Context context, String url) throws IOException, InterruptedException {
    return new CommandStream(context.terminal(), context.in(), stdin, tty).run(url);
  }
}
