package peer;

import org.operaton.bpm.engine.delegate.DelegateTask;
import org.operaton.bpm.engine.delegate.TaskListener;

/** Java code at the deletion of a task: it leaves a variable. */
public class Notice implements TaskListener {

  @Override
  public void notify(DelegateTask task) { task.setVariable("noticed", task.getId()); }
}
