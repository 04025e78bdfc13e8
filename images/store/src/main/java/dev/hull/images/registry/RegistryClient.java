package dev.hull.images.registry;

import dev.hull.images.Images.Credentials;
import dev.hull.images.content.ContentSource;
import dev.hull.images.reference.ImageReference;
import java.net.http.HttpClient;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Asks registries for images, as the OCI distribution specification has it. Closing it ends every
 * transfer.
 */
public final class RegistryClient implements AutoCloseable {
  private final RegistryConfig config;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Http http;

  public RegistryClient(RegistryConfig config) {
    this.config = config;
    this.http =
        new Http(
            HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(config.patience().connect())
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(threads)
                .sslContext(Authorities.context(config.authorities()))
                .build(),
            config);
  }

  /**
   * The image's repository. Nothing is asked yet.
   *
   * @param credentials {@code NONE} for what the configuration has
   */
  public ContentSource open(ImageReference image, Credentials credentials) {
    return new RegistrySource(
        http,
        Endpoint.of(image, credentials, config).stream()
            .map(endpoint -> new Session(http, endpoint))
            .toList());
  }

  @Override
  public void close() {
    http.close();
    threads.close();
  }
}
