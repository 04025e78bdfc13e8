package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.OutputStreamAppender;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class LogFormatTest {
  private final LoggerContext context = new LoggerContext();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private Logger logger(LogFormat format) {
    context.setMDCAdapter(new LogbackMDCAdapter());
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%level %msg %kvp%n");
    encoder.start();
    OutputStreamAppender<ILoggingEvent> appender = new OutputStreamAppender<>();
    appender.setContext(context);
    appender.setEncoder(encoder);
    appender.setOutputStream(out);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(appender);
    format.apply(context);
    return context.getLogger("a.Name");
  }

  private String written() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void anEventIsAJsonObjectWithItsPairs() {
    logger(LogFormat.JSON)
        .atWarn()
        .addKeyValue("method", "Run\"Pod\n")
        .setCause(new IllegalStateException("why"))
        .log("went {}", "wrong");
    assertThat(written().lines()).hasSize(1);
    JsonObject event = JsonParser.parseString(written()).getAsJsonObject();
    assertThat(event.get("level").getAsString()).isEqualTo("WARN");
    assertThat(event.get("formattedMessage").getAsString()).isEqualTo("went wrong");
    assertThat(event.get("loggerName").getAsString()).isEqualTo("a.Name");
    assertThat(event.get("kvpList").toString()).contains("method", "Run\\\"Pod\\n");
    assertThat(event.get("throwable").toString()).contains("why");
  }

  @Test
  void textStaysAsItIsConfigured() {
    logger(LogFormat.TEXT).atInfo().addKeyValue("method", "Version").log("answered");
    assertThat(written()).isEqualToIgnoringNewLines("INFO answered method=\"Version\"");
  }
}
