package dev.hull.agent.container;

import dev.hull.agent.process.Answers;
import dev.hull.guest.v1.PublishReplicaRequest;
import dev.hull.guest.v1.PublishReplicaResponse;
import dev.hull.guest.v1.ReplicasGrpc;
import dev.hull.guest.v1.StageReplicaRequest;
import dev.hull.guest.v1.StageReplicaResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Copies of folders in the share, for the host. */
final class ReplicasService extends ReplicasGrpc.ReplicasImplBase {
  private final Replicas replicas;

  ReplicasService(Replicas replicas) {
    this.replicas = replicas;
  }

  @Override
  public void stage(StageReplicaRequest request, StreamObserver<StageReplicaResponse> answer) {
    try {
      replicas.stage(request.getSharePath(), request.getData());
    } catch (IOException e) {
      throw failed("copy", request.getData(), e);
    }
    Answers.send(answer, StageReplicaResponse.getDefaultInstance());
  }

  @Override
  public void publish(
      PublishReplicaRequest request, StreamObserver<PublishReplicaResponse> answer) {
    try {
      replicas.publish(request.getSharePath(), request.getData());
    } catch (IOException e) {
      throw failed("show", request.getData(), e);
    }
    Answers.send(answer, PublishReplicaResponse.getDefaultInstance());
  }

  private static UncheckedIOException failed(String what, String data, IOException e) {
    return new UncheckedIOException("cannot " + what + " " + data + ": " + e, e);
  }
}
