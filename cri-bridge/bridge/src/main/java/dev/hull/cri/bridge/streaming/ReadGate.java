package dev.hull.cri.bridge.streaming;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Keeps a paused connection from being read. Netty's decoders ask for more bytes themselves when
 * they believe that a read brought no message, and its SPDY codec always makes them believe so;
 * without this, a client would be read without end while nobody takes what it sends.
 */
final class ReadGate extends ChannelOutboundHandlerAdapter {
  private final Connection connection;

  ReadGate(Connection connection) {
    this.connection = connection;
  }

  @Override
  public void read(ChannelHandlerContext context) {
    if (!connection.paused()) {
      context.read();
    }
  }
}
