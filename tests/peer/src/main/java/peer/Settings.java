package peer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.TimeZone;
import org.operaton.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;

/**
 * What a scenario says of its engine: `history`, which the database says too, and what it does not say, by the names that
 * a ProcessEngine resource has for it.
 */
record Settings(JsonNode given) {

  static Settings of(String json) throws Exception { return new Settings(Main.JSON.readTree(json)); }

  void setTimeZone() { TimeZone.setDefault(TimeZone.getTimeZone(given.path("timeZone").asText("UTC"))); }

  void configure(ProcessEngineConfigurationImpl config) {
    given.fields().forEachRemaining(setting -> {
      JsonNode value = setting.getValue();
      switch (setting.getKey()) {
        case "history" -> config.setHistory(value.asText());
        case "timeZone" -> { } // the JVM's
        case "historyRemovalTimeStrategy" -> {
          config.setHistoryRemovalTimeStrategy(value.asText().toLowerCase(Locale.ROOT));
          if (value.asText().equals("None")) config.setHistoryCleanupStrategy("endTimeBased"); // the other one needs removal times
        }
        case "skipOutputMappingOnCanceledActivities" -> config.setSkipOutputMappingOnCanceledActivities(value.asBoolean());
        case "defaultSerializationFormat" -> config.setDefaultSerializationFormat(value.asText());
        case "ensureJobDueDateNotNull" -> config.setEnsureJobDueDateNotNull(value.asBoolean());
        case "authorizationEnabled" -> config.setAuthorizationEnabled(value.asBoolean());
        case "createIncidentOnFailedJob" -> config.setCreateIncidentOnFailedJobEnabled(value.asBoolean());
        case "restrictUserOperationLogToAuthenticatedUsers" ->
            config.setRestrictUserOperationLogToAuthenticatedUsers(value.asBoolean());
        default -> throw new IllegalArgumentException("no such setting: " + setting);
      }
    });
  }
}
