package peer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import org.operaton.bpm.engine.variable.VariableMap;
import org.operaton.bpm.engine.variable.Variables;

/** Variables as scenarios write them: plain values, or {type, value, ...}. */
final class Values {

  private Values() { }

  static VariableMap variables(JsonNode node) {
    VariableMap map = Variables.createVariables();
    node.fields().forEachRemaining(f -> map.put(f.getKey(), value(f.getValue())));
    return map;
  }

  static Object value(JsonNode v) {
    if (v.isNull()) return null;
    if (v.isTextual()) return v.asText();
    if (v.isBoolean()) return v.asBoolean();
    if (v.isInt()) return v.asInt();
    if (v.isLong()) return v.asLong();
    if (v.isDouble()) return v.asDouble();
    JsonNode value = v.path("value");
    return switch (v.get("type").asText()) {
      case "long" -> value.asLong();
      case "short" -> (short) value.asInt();
      case "double" -> value.asDouble();
      case "date" -> Date.from(Instant.parse(value.asText()));
      case "bytes" -> value.asText().getBytes(StandardCharsets.UTF_8);
      case "transient" -> Variables.stringValue(value.asText(), true);
      case "json" -> Variables.serializedObjectValue(value.asText()).serializationDataFormat("application/json")
          .objectTypeName(v.path("class").asText("java.util.LinkedHashMap")).create();
      case "java" -> Variables.objectValue(new HashMap<>(Map.of("key", value.asText())))
          .serializationDataFormat(Variables.SerializationDataFormats.JAVA).create();
      case "serializedJava" -> Variables.serializedObjectValue(value.asText()).objectTypeName(v.path("class").asText("java.lang.String"))
          .serializationDataFormat(Variables.SerializationDataFormats.JAVA).create();
      case "file" -> Variables.fileValue(v.get("filename").asText()).file(value.asText().getBytes(StandardCharsets.UTF_8))
          .mimeType("text/plain").encoding("UTF-8").create();
      default -> throw new IllegalArgumentException("no such variable type: " + v);
    };
  }
}
