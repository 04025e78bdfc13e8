package dev.hull.images.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hull.images.Image;
import dev.hull.images.Images.Credentials;
import dev.hull.images.Images.Progress;
import dev.hull.images.fake.FakeRegistry;
import dev.hull.images.fake.SampleImage;
import dev.hull.images.fake.SampleImage.Form;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pulls at the same time do the work once. */
@Timeout(60)
class SharingTest {
  private final FakeRegistry registry = new FakeRegistry();
  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private final CountDownLatch gate = new CountDownLatch(1);
  private final SampleImage image =
      SampleImage.of(
          Form.GZIP,
          SampleImage.noise(1, 50_000),
          SampleImage.noise(2, 50_000),
          SampleImage.noise(3, 50_000),
          SampleImage.noise(4, 50_000),
          SampleImage.noise(5, 50_000));
  private final String name = registry.host() + "/team/app:1";

  @TempDir private Path folder;
  private ImageStore store;

  @BeforeEach
  void open() {
    store = StoreFixture.open(folder);
    registry.push("team/app", "1", image);
  }

  @AfterEach
  void close() {
    gate.countDown();
    callers.shutdownNow();
    store.close();
    registry.close();
  }

  private Future<Image> pull(String reference) {
    return callers.submit(() -> store.pull(reference, Credentials.NONE, Progress.SILENT));
  }

  /** Layers wait at the gate; manifests and configs pass. */
  private void holdLayers() {
    registry.fail(
        exchange -> {
          String path = exchange.getRequestURI().getPath();
          if (path.contains("/blobs/") && !path.endsWith(image.config().digest().value())) {
            try {
              gate.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
          return false;
        });
  }

  private long blobsAsked() {
    return registry.asked(asked -> asked.path().contains("/blobs/")).size();
  }

  @Test
  void tenPullsOfOneImageAskForEverythingOnce() throws Exception {
    holdLayers();
    List<Future<Image>> pulls = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      pulls.add(pull(name));
    }
    await().until(() -> blobsAsked() >= 4);
    gate.countDown();
    for (Future<Image> pull : pulls) {
      assertThat(pull.get().id()).isEqualTo(image.id());
    }
    assertThat(registry.gets("/manifests/1")).isEqualTo(1);
    assertThat(blobsAsked()).as("config and layers").isEqualTo(6);
  }

  @Test
  void twoImagesThatShareALayerFetchItOnce() throws Exception {
    SampleImage other =
        SampleImage.of(Form.GZIP, image.tars().getFirst(), SampleImage.noise(9, 10));
    registry.push("team/other", "1", other);
    holdLayers();
    Future<Image> one = pull(name);
    await().until(() -> blobsAsked() >= 2);
    Future<Image> two = pull(registry.host() + "/team/other:1");
    await().until(() -> registry.gets(other.config().digest().value()) == 1);
    gate.countDown();
    assertThat(one.get().layers().getFirst()).isEqualTo(two.get().layers().getFirst());
    assertThat(registry.gets(image.layers().getFirst().digest().value())).isEqualTo(1);
  }

  @Test
  void atMostThreeLayersOfAnImageComeAtATime() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    registry.fail(
        exchange -> {
          if (exchange.getRequestURI().getPath().contains("/blobs/")) {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            try {
              gate.await(50, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            now.decrementAndGet();
          }
          return false;
        });
    pull(name).get();
    assertThat(most.get()).isBetween(2, 3);
  }

  @Test
  void whoGivesUpDoesNotTakeThePullFromTheOthers() throws Exception {
    holdLayers();
    Future<Image> impatient = pull(name);
    await().until(() -> blobsAsked() >= 2);
    CountDownLatch joined = new CountDownLatch(1);
    Future<Image> patient =
        callers.submit(
            () ->
                store.pull(
                    name,
                    Credentials.NONE,
                    new Progress() {
                      @Override
                      public void layerFound(dev.hull.images.Digest layer, long totalBytes) {
                        joined.countDown();
                      }
                    }));
    joined.await();
    impatient.cancel(true);
    gate.countDown();
    assertThat(patient.get().id()).isEqualTo(image.id());
    assertThat(registry.gets("/manifests/1")).isEqualTo(1);
  }

  @Test
  void whenTheLastGivesUpThePullEndsAndTheNextBeginsAnew() throws Exception {
    holdLayers();
    Future<Image> only = pull(name);
    await().until(() -> blobsAsked() >= 4);
    only.cancel(true);
    await().until(() -> StoreFixture.files(folder.resolve("temporary")).isEmpty());
    assertThat(store.list()).isEmpty();
    Future<Image> next = pull(name);
    await().until(() -> registry.gets("/manifests/1") == 2);
    gate.countDown();
    assertThat(next.get().id()).isEqualTo(image.id());
  }

  @Test
  void aFailureIsEverybodysAndTheNextPullBeginsAnew() throws Exception {
    registry.failTimes(3, "/manifests/1", 500);
    assertThatThrownBy(() -> pull(name).get())
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("answers 500");
    assertThat(pull(name).get().id()).isEqualTo(image.id());
  }

  @Test
  void aListenerThatThrowsDoesNotHarmThePull() {
    Progress broken =
        new Progress() {
          @Override
          public void layerFound(dev.hull.images.Digest layer, long totalBytes) {
            throw new IllegalStateException("broken");
          }
        };
    assertThat(store.pull(name, Credentials.NONE, broken).id()).isEqualTo(image.id());
  }

  @Test
  void closingTheStoreEndsWhatIsUnderWay() {
    holdLayers();
    Future<Image> pull = pull(name);
    await().until(() -> blobsAsked() >= 2);
    store.close();
    assertThatThrownBy(pull::get).hasMessageContaining("cannot pull " + name);
    store = StoreFixture.open(folder);
    assertThat(store.list()).isEmpty();
  }
}
