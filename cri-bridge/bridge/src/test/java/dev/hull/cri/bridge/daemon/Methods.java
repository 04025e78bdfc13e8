package dev.hull.cri.bridge.daemon;

import com.google.protobuf.Message;
import dev.hull.cri.v1.ImageServiceGrpc;
import dev.hull.cri.v1.RuntimeServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.stub.ClientCalls;
import java.util.List;
import java.util.stream.Stream;

/** CRI's methods, for tests that go through all of them. */
final class Methods {
  private Methods() {}

  static List<MethodDescriptor<?, ?>> all() {
    return Stream.<MethodDescriptor<?, ?>>concat(
            RuntimeServiceGrpc.getServiceDescriptor().getMethods().stream(),
            ImageServiceGrpc.getServiceDescriptor().getMethods().stream())
        .toList();
  }

  /** An empty request. */
  static Message request(MethodDescriptor<?, ?> method) {
    return (Message) ((PrototypeMarshaller<?>) method.getRequestMarshaller()).getMessagePrototype();
  }

  @SuppressWarnings("unchecked")
  static void call(Channel channel, MethodDescriptor<?, ?> method, Message request) {
    var _ =
        ClientCalls.blockingUnaryCall(
            channel, (MethodDescriptor<Message, Message>) method, CallOptions.DEFAULT, request);
  }
}
