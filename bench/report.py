"""What the measures print: each figure beside its goal."""

missed = []


def report(name, value, unit, goal, reached):
    mark = "ok  " if reached else "MISS"
    if not reached:
        missed.append(name)
    print(f"{mark} {name}: {value} {unit} (goal: {goal})", flush=True)


def note(text):
    print(f"     {text}", flush=True)
