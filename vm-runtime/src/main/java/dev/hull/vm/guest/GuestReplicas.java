package dev.hull.vm.guest;

import dev.hull.guest.v1.PublishReplicaRequest;
import dev.hull.guest.v1.ReplicasGrpc;
import dev.hull.guest.v1.StageReplicaRequest;
import dev.hull.vm.replica.ReplicaTarget;
import java.util.concurrent.TimeUnit;

/** The copies that a guest keeps of folders in its share. */
public final class GuestReplicas {
  private final GuestAgent agent;

  public GuestReplicas(GuestAgent agent) {
    this.agent = agent;
  }

  /** The copy of one volume of the share. */
  public ReplicaTarget of(String sharePath) {
    return new ReplicaTarget() {
      @Override
      public void stage(String data) {
        var _ =
            agent.call(
                "copy " + data + " into the guest",
                channel ->
                    ReplicasGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(GuestAgent.LONG.toMillis(), TimeUnit.MILLISECONDS)
                        .stage(
                            StageReplicaRequest.newBuilder()
                                .setSharePath(sharePath)
                                .setData(data)
                                .build()));
      }

      @Override
      public void publish(String data) {
        var _ =
            agent.call(
                "show " + data + " in the guest",
                channel ->
                    ReplicasGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(GuestAgent.LONG.toMillis(), TimeUnit.MILLISECONDS)
                        .publish(
                            PublishReplicaRequest.newBuilder()
                                .setSharePath(sharePath)
                                .setData(data)
                                .build()));
      }
    };
  }
}
