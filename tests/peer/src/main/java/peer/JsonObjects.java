package peer;

import java.nio.charset.StandardCharsets;
import org.operaton.bpm.engine.impl.variable.serializer.AbstractObjectValueSerializer;

/**
 * Object variables in format application/json, stored as the Spin plugin stores them (same serializer name, type
 * name and bytes). Stands in for Spin, whose 1.0.0 parent POM could not be resolved.
 */
class JsonObjects extends AbstractObjectValueSerializer {

  JsonObjects() { super("application/json"); }

  @Override public String getName() { return "spin://application/json"; }

  @Override protected boolean isSerializationTextBased() { return true; }

  @Override protected boolean canSerializeValue(Object value) { return true; }

  @Override protected String getTypeNameForDeserialized(Object object) {
    return Main.JSON.constructType(object.getClass()).toCanonical();
  }

  @Override protected byte[] serializeToByteArray(Object object) throws Exception {
    return Main.JSON.writeValueAsString(object).getBytes(StandardCharsets.UTF_8);
  }

  @Override protected Object deserializeFromByteArray(byte[] bytes, String type) throws Exception {
    return Main.JSON.readValue(bytes, Main.JSON.getTypeFactory().constructFromCanonical(type));
  }
}
