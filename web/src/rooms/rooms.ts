// The rooms of the page: which one is shown is what the address says, so that a link or a bookmark
// leads there. The live room is part of the page; the code of the others comes when they are entered.

import { problemFrom, type Status } from "../api";
import { byId } from "../dom";
import { setRoomTitle } from "../title";
import { failure } from "./elements";
import { partsOf, type Room } from "./room";

type Name = "buckets" | "catalog" | "history" | "tutorial";

const kRooms: Record<Name, (place: HTMLElement) => Promise<Room>> = {
  buckets: async (place) => new (await import("./buckets")).BucketsRoom(place),
  catalog: async (place) => new (await import("./catalog")).CatalogRoom(place),
  history: async (place) => new (await import("./executions")).HistoryRoom(place),
  tutorial: async (place) => new (await import("./tutorial")).TutorialRoom(place),
};

const isRoom = (name: string | undefined): name is Name => name !== undefined && Object.hasOwn(kRooms, name);

export class Rooms {
  private readonly rooms = new Map<Name, Promise<Room>>();
  private current: Name | undefined;
  private status: Status | undefined;

  constructor(private readonly onLive: (isLive: boolean) => void) {
    window.addEventListener("hashchange", () => void this.enter());
    // After the page is made: who listens may not be there yet.
    queueMicrotask(() => void this.enter());
  }

  onStatus(status: Status): void {
    this.status = status;
    if (this.current) void this.rooms.get(this.current)?.then((room) => room.onStatus?.(status), () => undefined);
  }

  private async enter(): Promise<void> {
    const [first, ...path] = partsOf(location.hash);
    const name = isRoom(first) ? first : undefined;
    if (name !== this.current) this.leave(name);
    this.current = name;
    for (const link of byId("rooms").querySelectorAll("a")) {
      const isHere = link.hash === `#${name ?? "live"}`;
      if (isHere) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      if (isHere) setRoomTitle(name ? (link.textContent ?? "") : "");
    }
    if (!name) return;
    try {
      const room = await this.roomOf(name);
      if (this.current !== name) return;
      if (this.status) room.onStatus?.(this.status);
      room.show(path);
    } catch (error) {
      this.rooms.delete(name);
      byId(`room-${name}`).replaceChildren(failure({ ...problemFrom(error), advice: "load the page again" }));
    }
  }

  private leave(next: Name | undefined): void {
    if (this.current) void this.rooms.get(this.current)?.then((room) => room.hide(), () => undefined);
    for (const name of ["live", ...Object.keys(kRooms)]) byId(`room-${name}`).hidden = name !== (next ?? "live");
    this.onLive(next === undefined);
    window.scrollTo(0, 0);
  }

  private roomOf(name: Name): Promise<Room> {
    const known = this.rooms.get(name);
    if (known) return known;
    const room = kRooms[name](byId(`room-${name}`));
    this.rooms.set(name, room);
    return room;
  }
}
