// The title of the window: the price while the live room is shown, else the room's name.

let live = "ticklake";
let room = "";

export function setLiveTitle(text: string): void {
  live = text;
  if (!room && document.title !== text) document.title = text;
}

/** Empty for the live room. */
export function setRoomTitle(name: string): void {
  room = name;
  document.title = name ? `${name} · ticklake` : live;
}
